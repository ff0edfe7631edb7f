# SPDX-License-Identifier: Apache-2.0
# attack: writes the other files of its own directory in /proc
# layer: proc
# verdict: accepted
# prints: contained
from probe import *

for name in ("attr/current", "attr/exec", "loginuid", "sessionid", "coredump_filter", "clear_refs", "make-it-fail", "timens_offsets",
             "autogroup", "sched", "oom_adj", "mem", "timerslack_ns"):
    refused(name, lambda: os.open("/proc/self/" + name, os.O_WRONLY), E.EROFS, E.EACCES, E.ENOENT, E.EPERM)
done()
