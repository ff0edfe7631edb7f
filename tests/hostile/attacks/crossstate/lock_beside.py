# SPDX-License-Identifier: Apache-2.0
# attack: signals to a box at the same time by locking a file of the tree that both see
# layer: tree
# verdict: accepted
# prints: contained
# mode: parallel
# known: a tree made of the host's own files is seen by every box; SECURITY.md names it, a tree of one's own closes it
from probe import *
import fcntl
import time

path = next(p for p in ("/usr/bin/env", "/usr/bin/python3.11") if os.path.exists(p))
fd = os.open(path, os.O_RDONLY)
try:
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
except OSError:
    breach("the lock of another box")
time.sleep(0.5)
done()
