# SPDX-License-Identifier: Apache-2.0
# attack: children flood stdout together while the parent only waits
# layer: output
# verdict: output_limit
# limits: {"output_bytes": 65536}
import os

for _ in range(8):
    if os.fork() == 0:
        while True:
            os.write(1, b"x" * 4096)
os.wait()
