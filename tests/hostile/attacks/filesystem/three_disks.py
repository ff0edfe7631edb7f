# SPDX-License-Identifier: Apache-2.0
# attack: gets the allowed bytes three times, once in each writable directory
# layer: tmpfs
# verdict: accepted
# prints: contained
# limits: {"disk_kb": 2048}
from probe import *

total = 0
for where in ("/tmp", "/box", "/dev/shm"):
    fd = os.open(where + "/big", os.O_CREAT | os.O_WRONLY)
    try:
        for _ in range(200):
            total += os.write(fd, bytes(65536))
    except OSError as e:
        if e.errno != E.ENOSPC:
            odd(f"{where}: {e}")
if total > 2 << 20:
    breach(f"{total} bytes where 2 MB are allowed")
done()
