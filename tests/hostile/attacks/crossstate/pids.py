# SPDX-License-Identifier: Apache-2.0
# attack: learns from process numbers how many others there were
# layer: pidns
# verdict: accepted
# prints: contained
# cases: 6
from probe import *

if os.getpid() > 3 or os.getppid() not in (0, 1):
    breach(f"pid {os.getpid()} of {os.getppid()}")
for _ in range(5):
    if os.fork() == 0:
        os._exit(0)
    if os.wait()[0] > 12:
        breach("numbers are not my own")
done()
