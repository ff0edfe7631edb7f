# SPDX-License-Identifier: Apache-2.0
# attack: a fork bomb that gives up when it is refused
# layer: cgroup-pids
# verdict: process_limit
# limits: {"processes": 16}
import os
import signal

for _ in range(200):
    if os.fork() == 0:
        signal.pause()
print("BREACH 200 processes where 16 are allowed")
