# SPDX-License-Identifier: Apache-2.0
# attack: leaves what is no file, and what would keep a reader waiting, where files are to be taken
# layer: init
# verdict: accepted
# request: {"output_files": ["fifo", "dir", "sock", "sparse", "locked", "shut/in", "plain", "out\"put"]}
# limits: {"output_bytes": 4096}
# taken: {"plain": "here", "out\"put": ""}
# untaken: {"fifo": "not_plain", "dir": "not_plain", "sock": "not_plain", "sparse": "too_large", "locked": "unreadable", "shut/in": "unreadable"}
import os
import socket
os.mkfifo("fifo")
os.mkdir("dir")
socket.socket(socket.AF_UNIX).bind("sock")
with open("sparse", "w") as f:
    f.truncate(60 << 20)
open("locked", "w").write("x")
os.chmod("locked", 0)
os.mkdir("shut")
open("shut/in", "w").close()
os.chmod("shut", 0)
open("plain", "w").write("here")
open('out"put', "w").close()
for n in range(1500):  # and names that nobody asked for
    open(f"plain\n{n}", "w").close()
