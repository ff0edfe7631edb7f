# SPDX-License-Identifier: Apache-2.0
# attack: walks everything that it can see, outside of the runtimes, for the canary
# layer: tree
# verdict: accepted
# prints: contained
from probe import *

SKIP = {"/usr", "/proc", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/libx32", "/dev/fd"}
for dirpath, dirs, files in os.walk("/"):
    dirs[:] = [d for d in dirs if os.path.join(dirpath, d) not in SKIP]
    for name in files:
        path = os.path.join(dirpath, name)
        if "canary" in name:
            breach(path)
        if dirpath.startswith("/dev"):
            continue
        try:
            with open(path, "rb") as f:
                if b"kw-" + b"canary-" in f.read(1 << 20):
                    breach(path)
        except OSError:
            pass
done()
