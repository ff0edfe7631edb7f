# SPDX-License-Identifier: Apache-2.0
# attack: takes memory as a shared mapping of a file in /dev/shm
# layer: cgroup-memory
# verdict: memory_limit
# limits: {"memory_kb": 32768, "disk_kb": 262144, "file_kb": 262144}
import mmap
import os

SIZE = 128 << 20
fd = os.open("/dev/shm/big", os.O_RDWR | os.O_CREAT)
os.ftruncate(fd, SIZE)
m = mmap.mmap(fd, SIZE)
for at in range(0, SIZE, 4096):
    m[at] = 1
print("BREACH 128 MB shared in 32 MB of memory")
