# SPDX-License-Identifier: Apache-2.0
# attack: reads the memory, the environment and the descriptors of init
# layer: proc
# verdict: accepted
# prints: contained
from probe import *

for name in ("mem", "maps", "smaps", "environ", "cmdline", "stack", "syscall", "auxv", "status", "stat", "wchan", "pagemap",
             "fd", "fdinfo", "ns/pid", "io", "limits", "cgroup", "mountinfo", "net", "task", "personality", "map_files"):
    for who in ("1", "self/../1", "thread-self/../../../1"):
        refused(f"/proc/{who}/{name}", lambda: os.open(f"/proc/{who}/{name}", os.O_RDONLY), E.ENOENT, E.EACCES, E.EPERM)
refused("write mem", lambda: os.open("/proc/1/mem", os.O_RDWR), E.ENOENT, E.EACCES, E.EROFS)
refused("oom of init", lambda: os.open("/proc/1/oom_score_adj", os.O_WRONLY), E.ENOENT, E.EACCES, E.EROFS)
done()
