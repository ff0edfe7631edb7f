# SPDX-License-Identifier: Apache-2.0
# attack: reads the secrets of the host where they usually lie
# layer: tree
# verdict: accepted
# prints: contained
from probe import *

for path in ("/root", "/root/.ssh", "/root/.bash_history", "/home", "/var/lib", "/var/log", "/etc/shadow", "/etc/gshadow",
             "/etc/ssh", "/etc/sudoers", "/etc/machine-id", "/run/secrets", "/run/docker.sock", "/boot", "/lost+found",
             "/work", "/var/run/secrets/kubernetes.io", "/etc/ssl/private", "/var/spool", "/etc/fstab", "/etc/crontab"):
    refused("list " + path, lambda: os.listdir(path) or os.listdir("/nothing"), E.ENOENT, E.EACCES, E.ENOTDIR)
    refused("read " + path, lambda: open(path).read(), E.ENOENT, E.EACCES, E.EISDIR)
for path in ("/root/kodewar-canary", "/tmp/kodewar-canary", "/var/tmp/kodewar-canary", "/run/kodewar-canary",
             "/home/kodewar-canary", "/dev/shm/kodewar-canary", "/srv/kodewar-canary"):
    refused(path, lambda: open(path).read(), E.ENOENT, E.EACCES)
done()
