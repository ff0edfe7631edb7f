# SPDX-License-Identifier: Apache-2.0
# attack: an orphan keeps stdout open, so that whoever waits for its end waits for ever
# layer: pidns
# verdict: accepted
# prints: parent done
import os
import time

r, w = os.pipe()
if os.fork() == 0:
    os.write(w, b"up")
    time.sleep(3600)
os.read(r, 2)
print("parent done")
