# SPDX-License-Identifier: Apache-2.0
"""Run by systemd in the guest of test_on_a_booted_machine: uses the installed service, prints one line of JSON."""
import glob
import http.client
import json
import os
import pathlib
import socket
import subprocess
import time

DENIED = """import ctypes
libc = ctypes.CDLL(None)
libc.mount(b'a', b'/tmp', b'tmpfs', 0, None)
libc.klogctl(0, None, 0)
libc.sethostname(b'x', 1)
libc.clock_settime(0, ctypes.create_string_buffer(16))
print('tried')
"""
# getpid by the 32-bit gate: mov eax, 20; int 0x80; ret
FOREIGN = """import ctypes, mmap
m = mmap.mmap(-1, 4096, prot=7)
m.write(b'\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3')
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))()
"""


class Local(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(120)
        self.sock.connect("/run/kodewar/kodewar.sock")


def ask(method, path, **body):
    c = Local("localhost")
    c.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json"})
    return json.loads(c.getresponse().read())


def systemctl(*words):
    return subprocess.run(["systemctl", *words], stdout=subprocess.PIPE, text=True, check=False)


def show(name, unit="kodewar.service"):
    return systemctl("show", "--value", f"--property={name}", unit).stdout.strip()


def sees_home(pid):
    """Whether there is anything in /root, as the service sees it; Debian puts a .bashrc there."""
    return bool(os.listdir(f"/proc/{pid}/root/root"))


def await_other_main(old):
    end = time.monotonic() + 90
    while show("MainPID") in ("0", old) or show("ActiveState") != "active":
        if time.monotonic() > end:
            break
        time.sleep(.5)
    return show("MainPID")


def main():
    seen = {}
    before = show("ActiveState")
    seen["ready"] = ask("GET", "/readyz")
    seen["started_by"] = "kodewar.socket" if before == "inactive" else before
    seen["state"] = [show("ActiveState"), show("ActiveState", "kodewar.socket")]
    seen["capabilities"] = ask("GET", "/v1/capabilities")
    run = dict(language="python")
    seen["result"] = ask("POST", "/v1/execute", code=DENIED, **run)
    seen["memory"] = ask("POST", "/v1/execute", code="x = b'x' * (200 << 20)", limits={"memory_kb": 65536}, **run)
    seen["foreign"] = ask("POST", "/v1/execute", code=FOREIGN, **run)
    seen["main"] = show("MainPID")
    seen["readable_home"] = sees_home(seen["main"])
    seen["reload"] = systemctl("reload", "kodewar.service").returncode
    seen["main_after_reload"] = show("MainPID")
    os.kill(int(seen["main"]), 9)
    seen["main_after_kill"] = await_other_main(seen["main"])
    seen["stop"] = systemctl("stop", "kodewar.socket", "kodewar.service").returncode
    seen["left"] = [p for p in glob.glob("/sys/fs/cgroup/kodewar/**", recursive=True) if "slot" in p and os.path.isdir(p)]
    seen["left"] += [p for p in os.listdir("/proc") if p.isdigit() and
                     b"kodewar" in pathlib.Path(f"/proc/{p}/cmdline").read_bytes().split(b"\0")[0]]
    print(json.dumps({"booted": seen}))


main()
