# SPDX-License-Identifier: Apache-2.0
# attack: removes, renames and replaces everything in the directory that it was started in
# layer: init
# verdict: accepted
# prints: done
import os

os.unlink("/box/main.py")
os.symlink("/root/kodewar-canary", "/box/main.py")
for target in ("/box", "/tmp", "/dev/shm"):
    try:
        os.rmdir(target)
    except OSError:
        pass
    try:
        os.rename(target, "/tmp/moved")
    except OSError:
        pass
print("done")
