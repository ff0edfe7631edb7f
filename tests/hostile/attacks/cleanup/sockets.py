# SPDX-License-Identifier: Apache-2.0
# attack: sockets that hold each other, with descriptors in flight, left to the kernel's collector
# layer: pidns
# verdict: accepted
# prints: done
import array
import socket

for _ in range(20):
    a, b = socket.socketpair()
    a.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [a.fileno(), b.fileno()]))])
    b.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [a.fileno(), b.fileno()]))])
    a.close()
    b.close()
print("done")
