# SPDX-License-Identifier: Apache-2.0
# attack: reaches for the box's init, which may read this program's files
# layer: init
# verdict: accepted
# prints: contained
# request: {"output_files": ["out"]}
import ctypes
import os
import resource
import signal
libc = ctypes.CDLL(None, use_errno=True)


def attempt(what, call):
    try:
        call()
    except (OSError, PermissionError):
        return
    print("BREACH" + " " + what)


for sig in (0, signal.SIGSTOP, signal.SIGKILL, signal.SIGCHLD):
    attempt(f"signal {sig}", lambda sig=sig: os.kill(1, sig))
attempt("affinity", lambda: os.sched_setaffinity(1, {0}))
attempt("priority", lambda: os.setpriority(os.PRIO_PROCESS, 1, 19))
attempt("prlimit", lambda: resource.prlimit(1, resource.RLIMIT_FSIZE, (0, 0)))
for name in ("mem", "fd", "environ", "maps", "root", "cwd", "task/1/fd"):
    attempt(name, lambda name=name: os.open("/proc/1/" + name, os.O_RDONLY))
open("out", "w").write("x")
print("contained")
