# SPDX-License-Identifier: Apache-2.0
"""Runs inside the guest of test_cgroup2_vm.py, as root: prints one line of JSON with all that it saw."""
import json
import os
import subprocess
import sys

KODEWAR = sys.argv[1]
SQUARE = {"code": "print(int(input()) ** 2)", "language": "python"}
MOUNT = "import ctypes\nctypes.CDLL(None).mount(b'a', b'/tmp', b'tmpfs', 0, None)\nprint(1)"
FORKS = "import os, time\nfor _ in range(40):\n    if os.fork() == 0:\n        time.sleep(60)\n"
CHILD = ("import os\nif os.fork() == 0:\n    kept = b'x' * (200 << 20)\n    os._exit(0)\n"
         "os.wait()\nprint('the right answer')")
C = "#include <stdio.h>\nint main(void) { int n; return scanf(\"%d\", &n) != 1 || printf(\"%d\\n\", n * n) < 0; }"
REQUESTS = {
    "honest": dict(SQUARE, test_cases=[{"input": "7", "expected": "49"}]),
    "wrong": dict(SQUARE, test_cases=[{"input": "8", "expected": "63"}]),
    "memory": {"code": "kept = b'x' * (200 << 20)", "language": "python", "limits": {"memory_kb": 65536}},
    "memory_child": {"code": CHILD, "language": "python", "limits": {"memory_kb": 65536}},
    "processes": {"code": FORKS, "language": "python", "limits": {"processes": 8}},
    "cpu": {"code": "while True: pass", "language": "python", "limits": {"cpu_ms": 2000}},
    "wall": {"code": "import time\ntime.sleep(60)", "language": "python", "limits": {"wall_ms": 3000}},
    "output": {"code": "while True: print('x' * 4096)", "language": "python", "limits": {"output_bytes": 65536}},
    "compiled": {"code": C, "language": "c", "test_cases": [{"input": "9", "expected": "81"}],
                 "limits": {"cpu_ms": 30000}},
    "denied": {"code": MOUNT, "language": "python"},
}


def kodewar(*args, stdin=None):
    return subprocess.run([KODEWAR, *args], input=stdin, capture_output=True, text=True, check=False,
                          env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"})


def main():
    doctor = kodewar("doctor", "--json", "--log-dir", "/tmp/logs")
    results = {}
    for name, request in REQUESTS.items():
        results[name] = json.loads(kodewar("run", "--log-dir", "/tmp/logs", "-", stdin=json.dumps(request)).stdout)
    left = [path for path, _, _ in os.walk("/sys/fs/cgroup") if "/slot-" in path]
    with open("/sys/fs/cgroup/cgroup.controllers", encoding="ascii") as f:
        controllers = f.read()
    print(json.dumps({"guest": {"controllers": controllers, "doctor": json.loads(doctor.stdout),
                                "doctor_exit": doctor.returncode, "results": results, "left": left}}))


main()
