# SPDX-License-Identifier: Apache-2.0
# attack: leaves a message in the times of files of the tree, by reading and by setting them
# layer: tree
# verdict: accepted
# prints: contained
from probe import *

path = next(p for p in ("/usr/bin/env", "/usr/bin/python3.11") if os.path.exists(p))
before = os.stat(path)
open(path, "rb").read()
refused("utime", lambda: os.utime(path, ns=(1, 1)), E.EROFS, E.EACCES, E.EPERM)
fd = os.open(path, os.O_RDONLY)
refused("futimens", lambda: os.utime(fd, ns=(1, 1)), E.EROFS, E.EACCES, E.EPERM)
after = os.stat(path)
if (before.st_atime_ns, before.st_mtime_ns) != (after.st_atime_ns, after.st_mtime_ns):
    breach("the times changed")
done()
