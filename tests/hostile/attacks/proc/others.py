# SPDX-License-Identifier: Apache-2.0
# attack: lists the processes of the host, or the init of its own box
# layer: proc
# verdict: accepted
# prints: contained
from probe import *

seen = [name for name in os.listdir("/proc") if name.isdigit()]
if seen != [str(os.getpid())]:
    breach("visible: " + " ".join(seen))
for pid in range(1, 40):
    if pid != os.getpid():
        refused(f"/proc/{pid}", lambda: open(f"/proc/{pid}/cmdline").read(), E.ENOENT, E.EACCES)
done()
