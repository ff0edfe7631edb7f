# SPDX-License-Identifier: Apache-2.0
# attack: looks for the files of the service and of its runners, to read secrets or to change a program
# layer: runner
# verdict: accepted
# prints: contained
# mode: stream
# times: 2
# limits: {"wall_ms": 10000, "cpu_ms": 5000}
from probe import *

WRONG = (E.EROFS, E.EACCES, E.EPERM, E.ENOENT, E.ETXTBSY, E.EINVAL)
for path in ("/run/kodewar", "/var/lib/kodewar", "/var/log/kodewar", "/root", "/proc/1/root"):
    refused(f"list {path}", lambda: os.listdir(path), E.ENOENT, E.EACCES)
for name in os.listdir("/etc/kodewar") if os.path.isdir("/etc/kodewar") else ():  # part of the tree: code, no settings
    if name != "preload.js":
        breach(f"/etc/kodewar/{name}")
mapped = {line.split(None, 5)[5].strip() for line in open("/proc/self/maps") if len(line.split(None, 5)) > 5}
for path in sorted(p for p in mapped if p.startswith("/")) + ["/proc/self/exe", sys.executable, os.__file__, "/etc/kodewar/preload.js"]:
    path = path.removesuffix(" (deleted)")
    refused(f"open {path}", lambda: os.open(path, os.O_WRONLY), *WRONG)
    refused(f"truncate {path}", lambda: os.truncate(path, 0), *WRONG)
    refused(f"remove {path}", lambda: os.unlink(path), *WRONG)
    refused(f"rename {path}", lambda: os.rename("/box/main.py", path), *WRONG, E.EXDEV)
    refused(f"mode {path}", lambda: os.chmod(path, 0o777), *WRONG)
refused("new file", lambda: os.open("/etc/kodewar/new", os.O_CREAT | os.O_WRONLY), *WRONG)
refused("rename", lambda: os.rename("/etc/kodewar", "/etc/other"), *WRONG)
for module in list(sys.modules.values()):  # what was loaded ahead comes from the tree, not from the service
    origin = getattr(module, "__file__", None)
    if origin and origin != "/box/main.py" and not origin.startswith("/usr/lib/python3"):
        breach(f"{module.__name__} from {origin}")
for name in ("cwd", "root"):
    if os.readlink(f"/proc/self/{name}") not in ("/box", "/"):
        breach(f"{name}: {os.readlink('/proc/self/' + name)}")
done()
