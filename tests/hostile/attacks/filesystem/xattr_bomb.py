# SPDX-License-Identifier: Apache-2.0
# attack: takes memory as extended attributes, which no block of the file system pays for
# layer: cgroup-memory
# verdict: accepted|memory_limit
# never: BREACH
# limits: {"memory_kb": 32768, "disk_kb": 2048}
from probe import *

total = 0
try:
    for n in range(200):
        with open(f"/tmp/{n}", "w"):
            pass
        for k in range(16):
            os.setxattr(f"/tmp/{n}", f"user.{k}", bytes(60000))
            total += 60000
except OSError as e:
    if e.errno not in (E.EPERM, E.EOPNOTSUPP, E.ENOSPC, E.ENOSYS, E.ENOMEM):
        odd(str(e))
if total > 40 << 20:
    breach("40 MB of attributes in 32 MB of memory")
done()
