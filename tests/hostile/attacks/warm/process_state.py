# SPDX-License-Identifier: Apache-2.0
# attack: looks for state of the process that it was forked from, and spoils all of it for the next
# layer: runner
# verdict: accepted
# mode: stream
# times: 3
# as_cold: yes
# limits: {"wall_ms": 5000}
from probe import *
from state import *

for row in process_state():
    print(row)
sys.stdout.flush()
for which in (0, 1, 2):  # a process, a group, a user
    os.setpriority(which, 0, 7)
os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
libc.syscall(251, 1, 0, 3 << 13)  # ioprio_set: idle
os.umask(0)
os.chdir("/tmp")
os.environ["KW_LEFT"] = "left"
os.putenv("KW_LEFT_TOO", "left")
open("/tmp/left", "w").close()
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
os.kill(os.getpid(), signal.SIGUSR1)
for n in range(3):
    signal.setitimer(n, 1000, 1000)
timer = ctypes.c_void_p()
libc.timer_create(1, None, ctypes.byref(timer))
own = ctypes.create_string_buffer(65536)
stack = (ctypes.c_uint64 * 3)(ctypes.addressof(own), 0, 65536)
libc.sigaltstack(stack, None)
for option, value in ((1, 9), (15, b"left"), (29, 12345), (36, 1), (41, 1), (52, 0), (4, 0), (65, 1)):
    libc.prctl(option, value, 0, 0, 0)
libc.personality(0x0040000)
for n in range(100, 120):
    os.dup2(1, n)
for n in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE, resource.RLIMIT_STACK):
    resource.setrlimit(n, (8, 8))
os._exit(0)
