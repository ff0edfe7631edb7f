# SPDX-License-Identifier: Apache-2.0
# attack: survives its own child's death by want of memory and says that all went well
# layer: cgroup-memory
# verdict: memory_limit
# limits: {"memory_kb": 32768}
# request: {"test_cases": [{"input": "", "expected": "fine"}]}
import os

pid = os.fork()
if pid == 0:
    kept = []
    while True:
        kept.append(b"x" * 1000003)
os.waitpid(pid, 0)
print("fine")
