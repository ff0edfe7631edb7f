# SPDX-License-Identifier: Apache-2.0
# attack: eight children spin, so that no single process reaches the limit by itself
# layer: cpu
# verdict: time_limit
# limits: {"cpu_ms": 500, "wall_ms": 2000}
import os

for _ in range(8):
    if os.fork() == 0:
        while True:
            pass
os.wait()
