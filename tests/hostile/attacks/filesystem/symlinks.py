# SPDX-License-Identifier: Apache-2.0
# attack: reaches the host's files by symlinks and hard links
# layer: tree
# verdict: accepted
# prints: contained
from probe import *

GONE = (E.ENOENT, E.EACCES, E.EPERM, E.EROFS, E.EXDEV)
for n, target in enumerate(("/root/kodewar-canary", "/tmp/../root/kodewar-canary", "/proc/1/root/root/kodewar-canary",
                            "/proc/self/root/root/kodewar-canary", "/etc/shadow", "/var/tmp/kodewar-canary",
                            "../../../../../../root/kodewar-canary", "/proc/self/cwd/../root/kodewar-canary")):
    link = f"/tmp/link{n}"
    os.symlink(target, link)
    refused("read " + target, lambda: open(link).read(), *GONE)
    refused("write " + target, lambda: os.open(link, os.O_WRONLY | os.O_CREAT), *GONE)
    refused("link " + target, lambda: os.link(target, f"/tmp/hard{n}"), *GONE)
refused("link python", lambda: os.link(os.path.realpath(sys.executable), "/box/p"), *GONE)
refused("link passwd", lambda: os.link("/etc/passwd", "/tmp/p"), *GONE)
done()
