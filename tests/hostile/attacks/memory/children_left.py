# SPDX-License-Identifier: Apache-2.0
# attack: a child takes the memory, and the parent burns the time instead, so that the wrong limit is named
# layer: cgroup-memory
# verdict: memory_limit
# limits: {"memory_kb": 32768, "cpu_ms": 4000, "wall_ms": 8000}
import os

if os.fork() == 0:
    kept = []
    while True:
        kept.append(b"x" * (1 << 20))
while True:
    pass
