# SPDX-License-Identifier: Apache-2.0
# attack: capabilities and trusted attributes on a file, and files that nobody can remove
# layer: caps
# verdict: accepted
# prints: contained
from probe import *
import fcntl
import struct

fd = os.open("/tmp/f", os.O_CREAT | os.O_RDWR)
WRONG = (E.EPERM, E.EOPNOTSUPP, E.ENOSYS, E.EACCES)
cap = struct.pack("<IIIII", 0x02000001, 0xffffffff, 0, 0xffffffff, 0)
refused("capability", lambda: os.setxattr("/tmp/f", "security.capability", cap), *WRONG)
cap3 = struct.pack("<IIIIII", 0x03000001, 0xffffffff, 0, 0xffffffff, 0, 0)
refused("capability v3", lambda: os.setxattr("/tmp/f", "security.capability", cap3), *WRONG)
refused("trusted", lambda: os.setxattr("/tmp/f", "trusted.x", b"1"), *WRONG)
for flag in (0x10, 0x20):
    refused(f"flag {flag}", lambda: fcntl.ioctl(fd, 0x40086602, struct.pack("l", flag)), *WRONG, E.ENOTTY, E.EINVAL)
done()
