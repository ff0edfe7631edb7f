# SPDX-License-Identifier: Apache-2.0
# For attacks that tell what a process was born with; the runner puts this text in place of `from state import *`.
import ctypes
import resource
import signal

libc = ctypes.CDLL(None, use_errno=True)
PRCTL_GETS = {"pdeathsig": 2, "dumpable": 3, "keepcaps": 7, "timing": 13, "securebits": 27, "timerslack": 30,
              "subreaper": 37, "no_new_privs": 39, "thp_disable": 42, "speculation": 52, "io_flusher": 58, "mdwe": 66}
STATUS = """Umask Tgid Ngid TracerPid Uid Gid Groups Threads SigPnd ShdPnd SigBlk SigIgn SigCgt CapInh CapPrm CapEff
    CapBnd CapAmb NoNewPrivs Seccomp Speculation_Store_Bypass THP_enabled CoreDumping""".split()


def text_of(path):
    try:
        with open(path) as f:
            return f.read().strip()
    except OSError as e:
        return type(e).__name__


def descriptors():
    """Every open one but those made by looking, and where in its file it stands; numbers of pipes left out."""
    rows = []
    for n in sorted(map(int, os.listdir("/proc/self/fd"))):
        try:
            target = os.readlink(f"/proc/self/fd/{n}")
        except OSError:
            continue
        info = dict(line.split(":", 1) for line in text_of(f"/proc/self/fdinfo/{n}").splitlines() if ":" in line)
        rows.append(f"{n} {target.split(':[')[0]} pos {info['pos'].strip()} flags {info['flags'].strip()}")
    return rows


def mounts():
    rows = []
    for line in text_of("/proc/self/mountinfo").splitlines():
        left, _, right = line.partition(" - ")
        kind, _, options = right.split(" ", 2)
        options = [o for o in options.split(",") if not o.startswith(("uid=", "gid="))]  # the lane's
        rows.append(f"mount {' '.join(left.split()[4:6])} {kind} {','.join(options)}")
    return rows


def process_state():
    status = dict(line.split(":", 1) for line in text_of("/proc/self/status").splitlines())
    rows = [f"{key} {' '.join(status.get(key, 'none').split())}" for key in STATUS if key != "Tgid"]
    rows.append(f"ids {os.getpgrp() == os.getsid(0) == os.getpid()} {os.getpgrp() > 0} {os.getppid()}")
    rows += [f"limit {n} {resource.getrlimit(n)}" for n in range(16)]
    rows += [f"prctl {name} {libc.prctl(n, 0, 0, 0, 0)}" for name, n in PRCTL_GETS.items()]
    stack = (ctypes.c_char * 24)()
    libc.sigaltstack(None, stack)
    rows.append(f"alternate stack {int.from_bytes(stack[8:12], 'little')}")
    rows += [f"timer {n} {signal.getitimer(n)}" for n in range(3)]
    rows.append(f"priority {[os.getpriority(which, 0) for which in range(3)]} {os.sched_getscheduler(0)} "
                f"{len(os.sched_getaffinity(0))} {libc.syscall(252, 1, 0)}")
    rows += [f"{name} {text_of('/proc/self/' + name)}" for name in ("timers", "oom_score_adj", "coredump_filter",
             "personality", "cgroup", "timerslack_ns", "setgroups")]
    rows.append(f"where {os.getcwd()} {sorted(os.environ.items())}")
    rows += [f"file {d}/{name}" for d in ("/box", "/tmp", "/dev/shm") for name in sorted(os.listdir(d))]
    return rows + descriptors() + mounts()
