# SPDX-License-Identifier: Apache-2.0
# attack: takes memory as files in /tmp, which is large enough
# layer: cgroup-memory
# verdict: memory_limit
# limits: {"memory_kb": 32768, "disk_kb": 262144, "file_kb": 262144}
with open("/tmp/big", "wb", buffering=0) as f:
    for _ in range(200):
        f.write(bytes(1 << 20))
print("BREACH 200 MB of files in 32 MB of memory")
