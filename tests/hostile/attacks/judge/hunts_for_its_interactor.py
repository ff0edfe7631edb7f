# SPDX-License-Identifier: Apache-2.0
# attack: looks for the interactor's box, answer and descriptors, and writes to its pipes the wrong way
# layer: pidns
# verdict: accepted
# request: {"interactor": {"language": "python", "code": "import sys\nprint('begin', flush=True)\nsaid = sys.stdin.read()\nprint(said, file=sys.stderr)\nsys.exit(said != 'contained\\n')", "args": ["BR", "EACH"]}, "test_cases": [{"input": "KWS-input", "expected": "KWS-answer"}]}
# prints: contained
import os
import sys
sys.stdin.readline()
found = []
for pid in [p for p in os.listdir("/proc") if p.isdigit() and int(p) != os.getpid()]:
    for name in ("cmdline", "environ", "fd", "cwd/answer", "root/box/answer", "mem"):
        path = f"/proc/{pid}/{name}"
        try:
            found.append(path + repr(os.listdir(path) if name == "fd" else b"KWS-" in open(path, "rb").read(1 << 16)))
        except OSError:
            pass
for how, path in ((os.O_WRONLY, "/proc/self/fd/0"), (os.O_RDONLY, "/proc/self/fd/1"), (os.O_RDONLY, "answer"), (os.O_RDONLY, "input")):
    try:
        found.append(path + repr(os.open(path, how)))
    except OSError:
        pass
ours = [line for line in found if not line.startswith("/proc/1/cmdline")]
print("contained" if not ours else "BR" + "EACH " + repr(ours))
