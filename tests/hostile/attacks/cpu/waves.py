# SPDX-License-Identifier: Apache-2.0
# attack: many short-lived children burn the time, gone before anybody could sample them
# layer: cpu
# verdict: time_limit
# limits: {"cpu_ms": 500, "wall_ms": 3000}
import os

while True:
    pid = os.fork()
    if pid == 0:
        for _ in range(300000):
            pass
        os._exit(0)
    os.waitpid(pid, 0)
