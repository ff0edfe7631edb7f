# SPDX-License-Identifier: Apache-2.0
# attack: reopens its standard streams with more rights than they came with
# layer: init
# verdict: accepted
# prints: contained
# request: {"stdin": "the input\n"}
from probe import *

WRONG = (E.EACCES, E.EPERM, E.EROFS, E.ETXTBSY, E.EBADF, E.EINVAL)


def overwrite(fd):
    with open(fd, "wb", buffering=0, closefd=False) as f:
        f.write(b"kw-hostile-mark")


refused("write to stdin", lambda: os.write(0, b"x"), *WRONG)
refused("truncate stdin", lambda: os.ftruncate(0, 0), *WRONG)
for path in ("/proc/self/fd/0", "/dev/stdin", "/dev/fd/0"):
    refused("write " + path, lambda: os.write(os.open(path, os.O_WRONLY | os.O_NONBLOCK), b"x"), *WRONG)
    refused("truncate " + path, lambda: os.truncate(path, 0), *WRONG)
if os.read(0, 100) != b"the input\n":
    breach("the input was changed")
done()
