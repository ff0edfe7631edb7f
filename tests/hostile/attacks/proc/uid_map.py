# SPDX-License-Identifier: Apache-2.0
# attack: maps the host's root into its user namespace
# layer: userns
# verdict: accepted
# prints: contained
from probe import *


def write(name, text):
    fd = os.open("/proc/self/" + name, os.O_WRONLY)
    os.write(fd, text)


WRONG = (E.EPERM, E.EACCES, E.EROFS)
for text in (b"0 0 1", b"0 0 4294967295", f"0 {os.getuid()} 1".encode()):
    refused("uid_map", lambda: write("uid_map", text), *WRONG)
    refused("gid_map", lambda: write("gid_map", text), *WRONG)
refused("projid_map", lambda: write("projid_map", b"0 0 1"), *WRONG)
refused("setgroups", lambda: write("setgroups", b"allow"), *WRONG)
done()
