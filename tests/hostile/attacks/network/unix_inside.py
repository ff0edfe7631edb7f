# SPDX-License-Identifier: Apache-2.0
# attack: none: what asyncio and child processes need, local sockets, must work inside a box
# layer: netns
# verdict: accepted
# prints: ping
import socket

a, b = socket.socketpair()
a.send(b"ping")
server = socket.socket(socket.AF_UNIX)
server.bind("/tmp/s")
server.listen()
c = socket.socket(socket.AF_UNIX)
c.connect("/tmp/s")
print(b.recv(10).decode())
