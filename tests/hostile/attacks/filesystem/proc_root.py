# SPDX-License-Identifier: Apache-2.0
# attack: reaches the host's root through the magic links of other processes
# layer: proc
# verdict: accepted
# prints: contained
from probe import *

for pid in ("1", str(os.getppid()), "2" if os.getpid() != 2 else "3", "self/task/1"):
    for link in ("root", "cwd", "exe"):
        refused(f"/proc/{pid}/{link}", lambda: os.stat(f"/proc/{pid}/{link}"), E.EACCES, E.ENOENT, E.EPERM)
        refused(f"read /proc/{pid}/{link}", lambda: os.readlink(f"/proc/{pid}/{link}"), E.EACCES, E.ENOENT, E.EPERM)
refused("canary", lambda: open("/proc/self/root/root/kodewar-canary").read(), E.ENOENT, E.EACCES)
if os.path.samestat(os.stat("/proc/self/root"), os.stat("/")) is False:
    breach("another root")
done()
