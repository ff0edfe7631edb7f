# SPDX-License-Identifier: Apache-2.0
# attack: asks the domain name system, a way out even where nothing else goes
# layer: seccomp
# verdict: accepted
# prints: contained
from probe import *
import socket

for name in ("example.com", "one.one.one.one"):
    refused(name, lambda: socket.getaddrinfo(name, 80))
done()
