# SPDX-License-Identifier: Apache-2.0
# attack: large open files without a name, held by orphans
# layer: pidns
# verdict: accepted
# prints: done
# limits: {"memory_kb": 32768}
import os
import time

r, w = os.pipe()
for n in range(4):
    if os.fork() == 0:
        fd = os.open(f"/tmp/{n}", os.O_CREAT | os.O_RDWR)
        os.unlink(f"/tmp/{n}")
        os.write(fd, bytes(2 << 20))
        os.write(w, b"x")
        time.sleep(3600)
while n >= 0:
    os.read(r, 1)
    n -= 1
print("done")
