# SPDX-License-Identifier: Apache-2.0
# attack: the children take the memory, the parent prints the right answer and ends well
# layer: cgroup-memory
# verdict: memory_limit
# limits: {"memory_kb": 32768, "cpu_ms": 10000, "wall_ms": 10000}
import os

for _ in range(8):
    if os.fork() == 0:
        try:
            kept = b"x" * (16 << 20)
            os.read(os.pipe()[0], 1)
        finally:
            os._exit(0)
try:
    while True:
        if os.WIFSIGNALED(os.wait()[1]):
            break
except OSError:
    pass
print("the right answer")
