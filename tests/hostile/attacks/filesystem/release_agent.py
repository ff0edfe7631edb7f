# SPDX-License-Identifier: Apache-2.0
# attack: becomes a release agent, or leaves its cgroup, through a visible cgroup tree
# layer: tree
# verdict: accepted
# prints: contained
from probe import *

for top in ("/sys/fs/cgroup", "/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/memory", "/sys/fs/cgroup/pids"):
    refused("list " + top, lambda: os.listdir(top), E.ENOENT, E.EACCES)
    for name in ("cgroup.procs", "tasks", "release_agent", "notify_on_release", "memory.max", "memory.limit_in_bytes"):
        refused(f"{top}/{name}", lambda: os.open(f"{top}/{name}", os.O_WRONLY), E.ENOENT, E.EACCES, E.EROFS)
with open("/proc/self/cgroup") as f:
    for line in f:
        if line.rstrip("\n").split(":", 2)[2] != "/":
            breach("a cgroup path of the host is visible: " + line)
done()
