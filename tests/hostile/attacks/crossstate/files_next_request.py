# SPDX-License-Identifier: Apache-2.0
# attack: leaves files for the next submission
# layer: tmpfs
# verdict: accepted
# prints: contained
# mode: sequence
from probe import *

for where in ("/tmp", "/box", "/dev/shm"):
    path = where + "/kw-hostile-mark"
    if os.path.exists(path):
        breach(path)
    with open(path, "w") as f:
        f.write("left")
    os.chmod(path, 0o444)
if sorted(os.listdir("/box")) != ["kw-hostile-mark", "main.py"] or len(os.listdir("/tmp")) != 1:
    breach("something else was left")
done()
