# SPDX-License-Identifier: Apache-2.0
# attack: makes itself the last process to die when memory ends
# layer: proc
# verdict: accepted
# prints: contained
from probe import *

with open("/proc/self/oom_score_adj") as f:
    if f.read().strip() != "1000":
        breach("not the first to die")


def write(value):
    fd = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
    os.write(fd, value)


for value in (b"-1000", b"0", b"999"):
    refused("lower to " + value.decode(), lambda: write(value), E.EACCES, E.EPERM, E.EROFS)
refused("oom_adj", lambda: os.open("/proc/self/oom_adj", os.O_WRONLY), E.EACCES, E.EPERM, E.EROFS)
done()
