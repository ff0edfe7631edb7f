# SPDX-License-Identifier: Apache-2.0
# attack: fills the box's memory with files and ends well, so that nothing is left for whoever takes them out
# layer: init
# verdict: accepted|memory_limit|runtime_error|disk_limit
# limits: {"memory_kb": 32768, "disk_kb": 65536, "file_kb": 65536, "output_bytes": 1048576}
# request: {"output_files": ["small", "f0"]}
import os
open("small", "w").write("x" * 1000000)
n = 0
piece = b"x" * 4096
f = os.open("f0", os.O_CREAT | os.O_WRONLY)
level = int(open("/proc/self/statm").read().split()[1]) * 4096
room = (32 << 20) - level - (3 << 20)
for _ in range(room // 4096):
    os.write(f, piece)
while n < 700:  # to the edge, and the kernel may end us there
    os.write(f, piece)
    n += 1
