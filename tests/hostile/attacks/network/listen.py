# SPDX-License-Identifier: Apache-2.0
# attack: serves on a port, over loopback inside its own box or for all
# layer: seccomp
# verdict: accepted
# prints: contained
from probe import *
import socket


def serve(family, kind, address):
    s = socket.socket(family, kind)
    s.bind(address)
    return s


refused("tcp", lambda: serve(socket.AF_INET, socket.SOCK_STREAM, ("0.0.0.0", 0)), E.EAFNOSUPPORT)
refused("udp", lambda: serve(socket.AF_INET, socket.SOCK_DGRAM, ("0.0.0.0", 0)), E.EAFNOSUPPORT)
refused("tcp6", lambda: serve(socket.AF_INET6, socket.SOCK_STREAM, ("::", 0)), E.EAFNOSUPPORT)
done()
