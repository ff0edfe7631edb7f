# SPDX-License-Identifier: Apache-2.0
# attack: one byte at a time, for ever
# layer: wall
# verdict: time_limit
# limits: {"wall_ms": 500}
import os
import time

while True:
    os.write(1, b".")
    time.sleep(0.005)
