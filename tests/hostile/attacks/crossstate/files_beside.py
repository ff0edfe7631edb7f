# SPDX-License-Identifier: Apache-2.0
# attack: exchanges files with a submission that runs at the same time
# layer: mountns
# verdict: accepted
# prints: contained
# mode: parallel
from probe import *
import time

end = time.monotonic() + 0.4
name = f"/kw-hostile-mark-{os.urandom(4).hex()}"
for where in ("/tmp", "/box", "/dev/shm"):
    open(where + name, "w").close()
while time.monotonic() < end:
    for where in ("/tmp", "/box", "/dev/shm"):
        for other in os.listdir(where):
            if other.startswith("kw-hostile-mark") and "/" + other != name:
                breach(other)
    time.sleep(0.01)
done()
