# SPDX-License-Identifier: Apache-2.0
# attack: the kernel's cipher sockets, a source of privilege bugs
# layer: seccomp
# verdict: accepted
# prints: contained
from probe import *
import socket

refused("AF_ALG", lambda: socket.socket(38, socket.SOCK_SEQPACKET, 0), E.EAFNOSUPPORT)
refused("AF_VSOCK", lambda: socket.socket(40, socket.SOCK_STREAM, 0), E.EAFNOSUPPORT)
refused("AF_PACKET", lambda: socket.socket(17, socket.SOCK_RAW, 768), E.EAFNOSUPPORT)
refused("AF_NETLINK", lambda: socket.socket(16, socket.SOCK_RAW, 0), E.EAFNOSUPPORT)
refused("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1), E.EAFNOSUPPORT)
done()
