# SPDX-License-Identifier: Apache-2.0
# attack: memory that is given back lazily and taken again, which some counters call a file's
# layer: cgroup-memory
# verdict: memory_limit
# limits: {"memory_kb": 65536}
import mmap

MEGABYTE = 1 << 20
MADV_FREE = 8
held = []
for _ in range(400):
    block = mmap.mmap(-1, MEGABYTE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    block[:] = b"x" * MEGABYTE
    block.madvise(MADV_FREE)
    for at in range(0, MEGABYTE, 4096):
        block[at] = 1
    held.append(block)
print("held", len(held))
