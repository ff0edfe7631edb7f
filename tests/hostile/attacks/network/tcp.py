# SPDX-License-Identifier: Apache-2.0
# attack: reaches a server of the host, and the world, by TCP
# layer: seccomp
# verdict: accepted
# prints: contained
from probe import *
import socket


def fetch(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as s:
        s.settimeout(0.2)
        s.connect(address)
        return s.recv(100)


for family, address in ((socket.AF_INET, ("127.0.0.1", @TCP_PORT@)), (socket.AF_INET, ("0.0.0.0", @TCP_PORT@)),
                        (socket.AF_INET, ("8.8.8.8", 53)), (socket.AF_INET, ("169.254.169.254", 80)),
                        (socket.AF_INET6, ("::1", @TCP_PORT@)), (socket.AF_INET6, ("::ffff:127.0.0.1", @TCP_PORT@))):
    refused(str(address), lambda: fetch(family, address), E.EAFNOSUPPORT)
done()
