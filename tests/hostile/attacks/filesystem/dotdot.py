# SPDX-License-Identifier: Apache-2.0
# attack: climbs above its root with dots, with descriptors and with directories moved meanwhile
# layer: mountns
# verdict: accepted
# prints: contained
from probe import *

root = os.stat("/")
if not os.path.samestat(os.stat("/" + "../" * 100), root):
    breach("dots")
fd = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
for _ in range(50):
    fd = os.open("..", os.O_RDONLY | os.O_DIRECTORY, dir_fd=fd)
if not os.path.samestat(os.fstat(fd), root):
    breach("descriptors")
os.makedirs("/tmp/a/b/c")
inner = os.open("/tmp/a/b/c", os.O_RDONLY)
os.rename("/tmp/a/b", "/tmp/b")
os.fchdir(inner)
for _ in range(50):
    os.chdir("..")
if not os.path.samestat(os.stat("."), root):
    breach("moved directory")
refused("canary", lambda: open("root/kodewar-canary").read(), E.ENOENT, E.EACCES)
done()
