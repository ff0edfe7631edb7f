# SPDX-License-Identifier: Apache-2.0
# attack: as many files as are allowed, in many directories
# layer: tmpfs
# verdict: accepted
# limits: {"wall_ms": 2000}
import os

try:
    for d in range(60):
        os.mkdir(f"/dev/shm/{d}")
        for f in range(66):
            os.close(os.open(f"/dev/shm/{d}/{f}", os.O_CREAT))
except OSError:
    pass
