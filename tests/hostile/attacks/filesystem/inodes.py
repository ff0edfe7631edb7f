# SPDX-License-Identifier: Apache-2.0
# attack: a bomb of empty files
# layer: tmpfs
# verdict: disk_limit
# prints_match: ^contained
# limits: {"memory_kb": 65536}
from probe import *

n = 0
try:
    while n < 5000:
        os.close(os.open(f"/tmp/{n}", os.O_CREAT | os.O_WRONLY))
        n += 1
    breach("5000 files where 4096 are allowed")
except OSError as e:
    if e.errno != E.ENOSPC:
        odd(str(e))
    done()
    raise
