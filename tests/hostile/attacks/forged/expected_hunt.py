# SPDX-License-Identifier: Apache-2.0
# attack: hunts for the expected answer in everything that it can read
# layer: init
# verdict: wrong_answer
# prints: nothing
# request: {"test_cases": [{"input": "", "expected": "kwexpected7f3a9c"}]}
import os
import sys

MARK = b"kwexp" + b"ected7f"


def look(path):
    try:
        with open(path, "rb") as f:
            if MARK in f.read(1 << 22):
                print("BREACH", path)
                return True
    except OSError:
        pass
    return False


found = False
for pid in ["self"] + [str(n) for n in range(1, 20)]:
    for name in ("environ", "cmdline", "maps", "status", "auxv", "mountinfo", "fdinfo/0", "fdinfo/1"):
        found |= look(f"/proc/{pid}/{name}")
for top in ("/box", "/tmp", "/dev/shm", "/etc", "/run", "/proc/self/fd"):
    for dirpath, dirs, files in os.walk(top):
        for name in files:
            path = os.path.join(dirpath, name)
            if not path.startswith("/proc/self/fd/") and not path.startswith("/dev/std"):
                found |= look(path)
with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as mem:
    for line in maps:
        span, flags = line.split()[:2]
        low, high = (int(x, 16) for x in span.split("-"))
        if flags[0] == "r" and "vvar" not in line and "vsyscall" not in line and ("stack" in line):
            mem.seek(low)
            found |= MARK in mem.read(high - low)
found |= MARK in os.read(0, 1 << 20)
found |= any(MARK in a.encode() for a in sys.argv + list(os.environ.values()))
print("BREACH" if found else "nothing")
