# SPDX-License-Identifier: Apache-2.0
# attack: fills the disk of the box
# layer: tmpfs
# verdict: disk_limit
# prints_match: ^contained
# limits: {"disk_kb": 2048}
from probe import *

written = 0
try:
    with open("/tmp/big", "wb", buffering=0) as f:
        for _ in range(160):
            written += f.write(bytes(65536))
    breach("10 MB where 2 MB are allowed")
except OSError as e:
    if e.errno != E.ENOSPC or written > 2 << 20:
        odd(f"{e} after {written}")
    done()
    raise
