# SPDX-License-Identifier: Apache-2.0
# attack: opens the reading end of its own stdout and stderr and drinks them dry
# layer: output
# verdict: accepted
# never: BREACH
import os

fds = []
for n in (1, 2):
    try:
        fds.append(os.open(f"/proc/self/fd/{n}", os.O_RDONLY | os.O_NONBLOCK))
    except OSError:
        pass
for _ in range(200):
    os.write(1, b"drop\n")
    for fd in fds:
        try:
            os.read(fd, 65536)
        except OSError:
            pass
