# SPDX-License-Identifier: Apache-2.0
# attack: reaches for the process that it was forked from: signals, /proc, pidfds, shared memory, sockets, priorities
# layer: runner
# verdict: accepted
# prints: contained
# mode: stream
# times: 3
# limits: {"wall_ms": 10000, "cpu_ms": 5000}
from probe import *
from search import *
import ctypes
import resource
import signal
import socket

libc = ctypes.CDLL(None, use_errno=True)
me, parent = os.getpid(), os.getppid()
if parent not in (0, 1):  # outside of the box, or its init
    breach(f"parent {parent}")
if os.getpgrp() != me or os.getsid(0) != me:  # 0: that of somebody outside, whom signals to the group would reach
    breach(f"group {os.getpgrp()}, session {os.getsid(0)}")
for pid in list(range(2, 600)) + [32767, 32768, 65536, 4194303]:
    if pid == me:
        continue
    refused(f"signal {pid}", lambda: os.kill(pid, 0), E.ESRCH, E.EPERM)
    refused(f"group {pid}", lambda: os.killpg(pid, 0), E.ESRCH, E.EPERM)
    refused(f"session {pid}", lambda: os.getsid(pid), E.ESRCH, E.EPERM)
    refused(f"pidfd {pid}", lambda: os.pidfd_open(pid), E.ESRCH, E.EINVAL)
    refused(f"limits {pid}", lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE), E.ESRCH, E.EPERM)
    refused(f"/proc/{pid}", lambda: os.stat(f"/proc/{pid}"), E.ENOENT)
refused("limits of init", lambda: resource.prlimit(1, resource.RLIMIT_NOFILE, (8, 8)), E.EPERM)
refused("/proc/1", lambda: open("/proc/1/environ").read(), E.ENOENT, E.EACCES)
for request in (0x4206, 16, 8):  # seize, attach, kill
    for pid in (1, parent):
        if libc.ptrace(request, pid, 0, 0) >= 0:
            breach(f"ptrace {request} of {pid}")
if libc.ptrace(0, 0, 0, 0) >= 0:
    breach("traced by its parent")
with open("/proc/self/maps") as maps:
    for line in maps:
        if line.split()[1][3] == "s" and ("w" in line.split()[1] or " /usr/" not in line):
            breach(f"shared memory: {line}")
for name in range(4096):  # names that the kernel gives to nameless sockets
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    refused(f"socket {name:05x}", lambda: s.connect(f"\0{name:05x}"), E.ECONNREFUSED, E.EPERM)
    s.close()
for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGUSR1):
    signal.signal(number, signal.SIG_IGN)
    os.kill(0, number)
for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV, signal.SIGTERM):
    try:
        os.kill(1, number)  # is taken, and does nothing
        os.kill(-1, number)
    except OSError:
        pass
for which in (os.PRIO_USER, os.PRIO_PGRP):
    os.setpriority(which, 0, 19)
done()
