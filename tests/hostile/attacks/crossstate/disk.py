# SPDX-License-Identifier: Apache-2.0
# attack: uses up the disk, so that the next test has less
# layer: tmpfs
# verdict: accepted
# prints: contained
# cases: 6
# limits: {"disk_kb": 2048, "memory_kb": 32768}
from probe import *

written = 0
fd = os.open("/tmp/big", os.O_CREAT | os.O_WRONLY)
try:
    while True:
        written += os.write(fd, bytes(4096))
except OSError as e:
    if e.errno != E.ENOSPC:
        odd(str(e))
if written < (2048 - 64) << 10:
    breach(f"only {written} bytes were left")
if written > 2048 << 10:
    breach(f"{written} bytes")
done()
