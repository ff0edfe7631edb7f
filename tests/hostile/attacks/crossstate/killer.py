# SPDX-License-Identifier: Apache-2.0
# attack: kills whatever it can, while an honest program runs beside it
# layer: pidns
# verdict: accepted
# prints: alive
# mode: honest
import os
import time

end = time.monotonic() + 0.4
while time.monotonic() < end:
    for pid in range(2, 400):
        if pid != os.getpid():
            try:
                os.kill(pid, 9)
            except OSError:
                pass
    try:
        os.kill(-1, 9)
    except OSError:
        pass
print("alive")
