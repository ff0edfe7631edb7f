# SPDX-License-Identifier: Apache-2.0
# attack: locks a file of the tree and leaves the lock behind
# layer: pidns
# verdict: accepted
# prints: contained
# mode: sequence
from probe import *
import fcntl

path = next(p for p in ("/usr/bin/env", "/usr/bin/python3.11") if os.path.exists(p))
fd = os.open(path, os.O_RDONLY)
try:
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
except OSError:
    breach("the lock of an earlier box")
if os.fork() == 0:
    os.setsid()
    os.read(os.pipe()[0], 1)
done()
