# SPDX-License-Identifier: Apache-2.0
# attack: processes asleep in the opening of fifos
# layer: pidns
# verdict: accepted
# prints: done
import os
import time

for n in range(8):
    os.mkfifo(f"/tmp/fifo{n}")
    if os.fork() == 0:
        os.open(f"/tmp/fifo{n}", os.O_WRONLY)
time.sleep(0.05)
print("done")
