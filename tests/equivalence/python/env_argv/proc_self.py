# equiv: {"differs": {"plain": "no filter and no limit holds a plain process"}}
# What a forked program cannot have of its own.
import os
status = dict(l.rstrip("\n").split(":\t", 1) for l in open("/proc/self/status") if ":\t" in l)
print({k: status[k] for k in ("Name", "Umask", "Threads", "NoNewPrivs", "CapEff", "CapPrm", "CapBnd", "SigBlk", "SigIgn", "SigCgt", "Seccomp")})
print(open("/proc/self/comm").read(), os.readlink("/proc/self/cwd"), os.readlink("/proc/self/root"))
