# SPDX-License-Identifier: Apache-2.0
# attack: directories that nobody may enter or list
# layer: tmpfs
# verdict: accepted
# prints: done
import os

os.chdir("/tmp")
for depth in range(20):
    os.mkdir("d")
    os.chdir("d")
    open("f", "w").close()
    os.chmod("f", 0)
for depth in range(20):
    os.chdir("..")
    os.chmod("d", 0)
os.chmod("/box", 0)
print("done")
