# SPDX-License-Identifier: Apache-2.0
# attack: a daemon, forked twice in a session of its own with everything closed, outlives the program
# layer: pidns
# verdict: accepted
# prints: parent done
import os
import time

r, w = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.write(w, b"up")
        os.closerange(0, 64)
        while True:
            time.sleep(60)
    os._exit(0)
os.read(r, 2)
print("parent done")
