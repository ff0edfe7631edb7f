# SPDX-License-Identifier: Apache-2.0
# attack: reaches a server of the host by the path of its socket
# layer: tree
# verdict: accepted
# prints: contained
from probe import *
import socket


def fetch(path):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(0.2)
        s.connect(path)
        return s.recv(200)


for path in ("/run/kodewar-canary.sock", "/var/run/docker.sock", "/run/docker.sock", "/run/dbus/system_bus_socket", "/dev/log",
             "/run/systemd/private", "/run/systemd/notify", "/run/containerd/containerd.sock", "/tmp/.X11-unix/X0"):
    refused(path, lambda: fetch(path), E.ENOENT, E.EACCES)
done()
