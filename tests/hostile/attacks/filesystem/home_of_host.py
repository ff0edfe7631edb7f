# SPDX-License-Identifier: Apache-2.0
# attack: finds accounts, name and addresses of the host in the files of /etc
# layer: tree
# verdict: accepted
# prints: contained
from probe import *

names = set(os.listdir("/etc"))
for name in ("shadow", "gshadow", "sudoers", "ssh", "machine-id", "fstab", "crontab", "cron.d", "systemd", "mtab",
             "resolv.conf", "environment", "subuid", "docker", "kubernetes"):
    if name in names:
        breach("/etc/" + name)
with open("/etc/passwd") as f:
    if len(f.read().splitlines()) > 4:
        breach("/etc/passwd is the host's")
host = "@HOSTNAME@"
for name in ("hosts", "hostname", "passwd", "group"):
    if os.path.exists("/etc/" + name) and len(host) > 3 and host in open("/etc/" + name).read():
        breach("/etc/" + name + " names the host")
done()
