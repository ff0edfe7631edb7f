# SPDX-License-Identifier: Apache-2.0
# attack: directories nested as deep as inodes allow
# layer: tmpfs
# verdict: accepted
# prints: contained
# limits: {"cpu_ms": 5000, "wall_ms": 10000}
from probe import *

os.chdir("/tmp")
n = 0
try:
    while n < 5000:
        os.mkdir("d" * 200)
        os.chdir("d" * 200)
        n += 1
    breach("5000 directories where 4096 are allowed")
except OSError as e:
    if e.errno not in (E.ENOSPC, E.ENAMETOOLONG):
        odd(str(e))
done()
