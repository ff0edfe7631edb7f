# SPDX-License-Identifier: Apache-2.0
# attack: finds a mount that it could write to, run set-user-id programs from, or open devices on
# layer: tree
# verdict: accepted
# prints: contained
from probe import *

WRITABLE = {"/tmp", "/box", "/dev/shm"}
NODES = {"/dev/" + n for n in ("null", "zero", "full", "random", "urandom")}
with open("/proc/self/mountinfo") as f:
    for line in f:
        fields = line.split()
        where, flags = fields[4], set(fields[5].split(","))
        if where in NODES:
            continue
        if "ro" not in flags and where not in WRITABLE:
            breach("writable: " + line)
        if "nosuid" not in flags:
            breach("set-user-id: " + line)
        if "nodev" not in flags and where not in ("/dev", "/"):
            breach("devices: " + line)
        if "shared:" in line:
            breach("propagates: " + line)
done()
