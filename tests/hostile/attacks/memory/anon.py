# SPDX-License-Identifier: Apache-2.0
# attack: takes memory without end
# layer: cgroup-memory
# verdict: memory_limit
# limits: {"memory_kb": 32768}
kept = []
while True:
    kept.append(b"x" * 1000003)
