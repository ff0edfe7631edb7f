# SPDX-License-Identifier: Apache-2.0
# attack: learns from its mount table where things lie on the host
# layer: mountns
# verdict: accepted
# prints: contained
from probe import *

with open("/proc/self/mountinfo") as f:
    table = f.read()
for line in table.splitlines():
    root, where = line.split()[3:5]
    if root == "/var/lib/ghc/package.conf.d":
        continue  # languages/haskell.yaml shows it: the same path on every Debian
    for word in ("/root", "/home", "/work", "/var/lib", "/run", "docker", "canary", "/sys"):
        if word in where or word in root:
            breach(line)
if len(table.splitlines()) > 40:
    breach("more mounts than a box has")
done()
