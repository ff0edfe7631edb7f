# SPDX-License-Identifier: Apache-2.0
# attack: has any privilege left
# layer: caps
# verdict: accepted
# prints: contained
from probe import *

status = dict(line.rstrip("\n").split(":\t", 1) for line in open("/proc/self/status") if ":\t" in line)
for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
    if int(status[name], 16):
        breach(f"{name} {status[name]}")
if status["NoNewPrivs"] != "1":
    breach("no_new_privs is off")
if status["Seccomp"] != "2":
    breach("no filter")
if 0 in (os.getuid(), os.geteuid(), os.getgid(), os.getegid()) or 0 in os.getgroups():
    breach("root")
for name in ("uid_map", "gid_map"):
    lines = open("/proc/self/" + name).read().split()
    if len(lines) != 3 or lines[2] != "1":
        breach(name + ": " + " ".join(lines))
done()
