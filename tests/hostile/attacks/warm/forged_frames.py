# SPDX-License-Identifier: Apache-2.0
# attack: writes what a launcher, an init or a warden would say to every descriptor that might lead to one
# layer: runner
# verdict: runtime_error
# exit_code: 5
# prints: tried
# mode: stream
# times: 3
# limits: {"wall_ms": 10000, "cpu_ms": 5000}
from probe import *
import array
import socket
import struct

SIZES = (8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 96, 128, 256, 512)
FRAMES = [struct.pack("<Ii", kind, status).ljust(size, fill)
          for kind in range(1, 9) for status in (0, 1) for size in SIZES for fill in (b"\0", b"\1")]
for fd in range(3, 1024):
    refused(f"stat {fd}", lambda: os.fstat(fd), E.EBADF)
    for frame in FRAMES[:4]:
        refused(f"write {fd}", lambda: os.write(fd, frame), E.EBADF)
    for kind in (socket.SOCK_SEQPACKET, socket.SOCK_STREAM, socket.SOCK_DGRAM):
        refused(f"socket {fd}", lambda: socket.socket(socket.AF_UNIX, kind, 0, fd).send(FRAMES[0]), E.EBADF, E.ENOTSOCK)
rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))]
for fd in (0, 1, 2):  # none of them is a socket, so nobody at the other end reads frames
    for frame in FRAMES:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, 0, os.dup(fd)) as s:
                s.sendmsg([frame], rights)
            breach(f"{fd} took a frame")
        except OSError:
            pass
print("tried", flush=True)
sys.exit(5)
