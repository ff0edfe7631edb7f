# SPDX-License-Identifier: Apache-2.0
# attack: a child goes on flooding after the program has ended
# layer: output
# verdict: accepted|output_limit
# limits: {"output_bytes": 65536}
import os

r, w = os.pipe()
if os.fork() == 0:
    os.write(1, b"x")
    os.write(w, b"x")
    while True:
        os.write(1, b"x" * 100)
os.read(r, 1)
