# SPDX-License-Identifier: Apache-2.0
"""Runs inside the guest of test_cgroup2_vm.py, as root: prints one line of JSON with all that it saw.

The boxes are root's first, and then an ordinary user's, to whom a part of the hierarchy was given: once with nobody else in
it, as a unit of systemd's has it, and once with others in a group beside.
"""
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time

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


LENT, USER = "/sys/fs/cgroup/lent", 12345
AS_USER = ["/bin/sh", "-c", 'echo $$ >"$0/cgroup.procs" && exec setpriv --reuid %d --regid %d --clear-groups "$@"' % (USER, USER)]
OF_USER = ["honest", "memory", "memory_child", "processes", "cpu", "denied"]


def kodewar(*args, stdin=None, prefix=()):
    """Told as it begins, so that a guest that does not end says where it was."""
    print(f"{time.monotonic():.0f} s:", "user" if prefix else "root", *args, flush=True)
    return subprocess.run([*prefix, KODEWAR, *args], input=stdin, capture_output=True, text=True, check=False,
                          env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"})


def judge(name, prefix=()):
    done = kodewar("run", "--log-dir", "-" if prefix else "/tmp/logs", "-", stdin=json.dumps(REQUESTS[name]), prefix=prefix)
    try:
        return json.loads(done.stdout)
    except ValueError:
        return {"verdict": None, "error": done.stdout[-500:] + done.stderr[-500:]}


def judge_all(names, prefix=()):
    """In one process, since a start takes seconds here."""
    done = kodewar("bench", "--requests", "--runner", "cold", "--in-flight", "1", "--log-dir", "-", prefix=prefix,
                   stdin="".join(json.dumps(REQUESTS[name]) + "\n" for name in names))
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    none = {"verdict": None, "error": done.stderr[-500:]}
    return {name: next((x for x in lines if x["line"] == i + 1), none) for i, name in enumerate(names)}


SERVED = "/tmp/served"


class Local(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(90)
        self.sock.connect(f"{SERVED}/socket")


def ask(method, path, request=None):
    c = Local("localhost")
    c.request(method, path, json.dumps(request) if request else None, {"Content-Type": "application/json"})
    answer = c.getresponse()
    return {"status": answer.status, "body": json.loads(answer.read())}


def serve(prefix):
    """The service, of an ordinary user: judges, keeps a job in its journal, kills, drains."""
    os.mkdir(SERVED)
    os.chown(SERVED, USER, USER)
    words = ["serve", "--listen", f"unix:{SERVED}/socket", "--state-dir", f"{SERVED}/state", "--log-dir", "-", "--runner", "cold"]
    with subprocess.Popen([*prefix, KODEWAR, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as service:
        for _ in range(900):
            if os.path.exists(f"{SERVED}/socket") or service.poll() is not None:
                break
            time.sleep(0.1)
        try:
            seen = {"ready": ask("GET", "/readyz"), "capabilities": ask("GET", "/v1/capabilities")["body"],
                    "results": {name: ask("POST", "/v1/execute", REQUESTS[name])["body"] for name in ("honest", "memory", "denied")}}
            job = ask("POST", "/v1/jobs", REQUESTS["honest"])["body"]
            seen["job"] = ask("GET", f"/v1/jobs/{job['id']}?wait=60")["body"]
            service.send_signal(signal.SIGTERM)
        except OSError as e:
            service.kill()
            seen = {"error": str(e)}
        _, seen["said"] = service.communicate(timeout=60)
    seen["exit"] = service.returncode
    return seen


def lend():
    """What `Delegate=yes` does."""
    with open("/sys/fs/cgroup/cgroup.subtree_control", "w", encoding="ascii") as f:
        f.write("+memory +pids +cpu +io")
    os.makedirs(f"{LENT}/beside")
    for place in (LENT, f"{LENT}/beside"):
        for name in ("", "cgroup.procs", "cgroup.threads", "cgroup.subtree_control"):
            os.chown(f"{place}/{name}", USER, USER)


def as_user():
    lend()
    alone = [*AS_USER, LENT]
    doctor = kodewar("doctor", "--json", "--log-dir", "-", prefix=alone)
    seen = {"doctor": json.loads(doctor.stdout), "doctor_exit": doctor.returncode,
            "results": judge_all(OF_USER, alone)}
    seen["served"] = serve(alone)
    with subprocess.Popen([*AS_USER, f"{LENT}/beside", "sleep", "1000"]) as other:
        seen["beside"] = judge("honest", [*AS_USER, f"{LENT}/beside"])
        other.kill()
    nothing = ["setpriv", "--reuid", str(USER), "--regid", str(USER), "--clear-groups"]
    seen["nothing"] = judge("honest", nothing)
    os.rmdir(f"{LENT}/beside")
    seen["left"] = [path for path, _, _ in os.walk(LENT) if path != LENT]
    return seen


def main():
    doctor = kodewar("doctor", "--json", "--log-dir", "/tmp/logs")
    results = judge_all(REQUESTS) | {"honest": judge("honest")}
    left = [path for path, _, _ in os.walk("/sys/fs/cgroup") if "/slot-" in path]
    with open("/sys/fs/cgroup/cgroup.controllers", encoding="ascii") as f:
        controllers = f.read()
    print(json.dumps({"guest": {"controllers": controllers, "doctor": json.loads(doctor.stdout),
                                "doctor_exit": doctor.returncode, "results": results, "left": left,
                                "user": as_user()}}))


main()
