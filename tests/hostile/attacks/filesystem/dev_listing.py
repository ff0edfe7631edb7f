# SPDX-License-Identifier: Apache-2.0
# attack: looks for more devices than the five that a program needs
# layer: tree
# verdict: accepted
# prints: contained
from probe import *

KNOWN = {"null", "zero", "full", "random", "urandom", "fd", "stdin", "stdout", "stderr", "shm"}
for name in os.listdir("/dev"):
    if name not in KNOWN:
        breach("/dev/" + name)
import stat
for top in ("/tmp", "/box", "/etc", "/dev/shm"):
    for dirpath, dirs, files in os.walk(top):
        for name in files:
            mode = os.lstat(os.path.join(dirpath, name)).st_mode
            if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
                breach(os.path.join(dirpath, name))
done()
