# SPDX-License-Identifier: Apache-2.0
# attack: changes, removes, renames and truncates files of the tree
# layer: tree
# verdict: accepted
# prints: contained
from probe import *

WRONG = (E.EROFS, E.EACCES, E.EPERM, E.ENOENT, E.EXDEV, E.ETXTBSY, E.EBUSY, E.ENOTEMPTY)
for path in ("/etc/passwd", "/etc/hosts", "/etc/ld.so.cache", "/usr/bin/gcc", os.path.realpath(sys.executable), os.__file__,
             "/dev/null"):
    if path != "/dev/null":
        refused("open " + path, lambda: os.open(path, os.O_WRONLY), *WRONG)
        refused("append " + path, lambda: os.open(path, os.O_RDWR | os.O_APPEND), *WRONG)
        refused("truncate " + path, lambda: os.truncate(path, 0), *WRONG)
    refused("unlink " + path, lambda: os.unlink(path), *WRONG)
    refused("rename " + path, lambda: os.rename(path, "/tmp/x"), *WRONG)
    refused("chmod " + path, lambda: os.chmod(path, 0o777), *WRONG)
    refused("chown " + path, lambda: os.chown(path, os.getuid(), -1), *WRONG)
    refused("utime " + path, lambda: os.utime(path, (1, 1)), *WRONG)
    refused("link " + path, lambda: os.link(path, "/tmp/y"), *WRONG)
done()
