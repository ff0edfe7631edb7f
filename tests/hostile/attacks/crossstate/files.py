# SPDX-License-Identifier: Apache-2.0
# attack: leaves files for the next test of the same submission
# layer: tmpfs
# verdict: accepted
# prints: contained
# cases: 6
from probe import *

for where in ("/tmp", "/box", "/dev/shm"):
    path = where + "/kw-hostile-mark"
    if os.path.exists(path):
        breach(path)
    with open(path, "w") as f:
        f.write("left")
done()
