# SPDX-License-Identifier: Apache-2.0
# attack: looks for the interactor's box, its input and its answer, and opens its own pipes the wrong way
# layer: pidns
# verdict: accepted
# request: {"interactor": {"language": "python", "code": "import sys\nprint('begin', flush=True)\nsys.exit(sys.stdin.read() != 'contained\\n')", "args": ["KWS-args"]}, "test_cases": [{"input": "KWS-input", "expected": "KWS-answer"}]}
# prints: contained
import os
import sys
sys.stdin.readline()
places = [f"/proc/{pid}/{name}" for pid in os.listdir("/proc") if pid.isdigit() and int(pid) != os.getpid()
          for name in ("cmdline", "environ", "cwd/answer", "cwd/input", "root/box/answer", "root/box/input")]
found = []
for path in places + ["answer", "input", "/tmp/answer", "/tmp/input"]:
    try:
        with open(path, "rb") as f:
            found += [path] if b"KWS-" in f.read(1 << 16) else []
    except OSError:
        pass
for how, path in ((os.O_WRONLY, "/proc/self/fd/0"), (os.O_RDONLY, "/proc/self/fd/1")):
    try:
        os.open(path, how)
        found.append(path)
    except OSError:
        pass
print("BR" + "EACH " + repr(found) if found else "contained")
