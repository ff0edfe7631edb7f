# SPDX-License-Identifier: Apache-2.0
# attack: reads the shared memory files of the host
# layer: tree
# verdict: accepted
# prints: contained
from probe import *

listing = os.listdir("/dev/shm")
refused("canary", lambda: open("/dev/shm/kodewar-canary").read(), E.ENOENT, E.EACCES)
if any("canary" in name for name in listing):
    breach(" ".join(listing))
done()
