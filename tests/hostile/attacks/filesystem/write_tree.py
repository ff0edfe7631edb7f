# SPDX-License-Identifier: Apache-2.0
# attack: writes into every directory of the tree
# layer: tree
# verdict: accepted
# prints: contained
from probe import *

WRONG = (E.EROFS, E.EACCES, E.EPERM, E.ENOENT, E.ENOTDIR)
for where in ("/", "/usr", "/usr/bin", "/usr/lib", "/bin", "/lib", "/lib64", "/etc", "/opt", "/var", "/var/tmp",
              "/home", "/root", "/run", "/srv", "/mnt", "/media", "/dev", "/proc", "/sys", "/proc/self",
              "/usr/lib/python3.11", "/usr/local", "/usr/local/bin", "/dev/fd", "/proc/self/fd"):
    path = os.path.join(where, "kw-hostile-mark")
    refused("create " + path, lambda: os.open(path, os.O_CREAT | os.O_WRONLY), *WRONG)
    refused("mkdir " + path, lambda: os.mkdir(path), *WRONG, E.EEXIST)
    refused("O_TMPFILE " + where, lambda: os.open(where, os.O_TMPFILE | os.O_WRONLY), *WRONG, E.EOPNOTSUPP, E.EISDIR)
    refused("chmod " + where, lambda: os.chmod(where, 0o777), *WRONG)
done()
