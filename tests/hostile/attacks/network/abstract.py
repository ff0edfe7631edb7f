# SPDX-License-Identifier: Apache-2.0
# attack: reaches a server of the host by an abstract socket, which no file system hides
# layer: netns
# verdict: accepted
# prints: contained
from probe import *
import socket


def fetch(kind, name):
    with socket.socket(socket.AF_UNIX, kind) as s:
        s.settimeout(0.2)
        s.connect(name)
        s.send(b"hello")
        return s.recv(200)


for name in (b"\0kodewar-hostile-canary", b"\0/tmp/.X11-unix/X0", b"\0/org/freedesktop/systemd1/notify"):
    refused(repr(name), lambda: fetch(socket.SOCK_STREAM, name), E.ECONNREFUSED, E.EPERM)
    refused(repr(name), lambda: fetch(socket.SOCK_DGRAM, name), E.ECONNREFUSED, E.EPERM)
done()
