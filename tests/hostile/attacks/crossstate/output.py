# SPDX-License-Identifier: Apache-2.0
# attack: writes into the output of the next test by a process that lives on
# layer: pidns
# verdict: accepted
# request: {"test_cases": [{"input": "1", "expected": "1"}, {"input": "2", "expected": "2"}, {"input": "3", "expected": "3"}, {"input": "4", "expected": "4"}, {"input": "5", "expected": "5"}]}
import os
import time

r, w = os.pipe()
text = input()
if os.fork() == 0:
    os.setsid()
    os.write(w, b"x")
    time.sleep(0.02)
    while True:
        os.write(1, b"spoiled\n")
os.read(r, 1)
os.write(1, text.encode() + b"\n")
os._exit(0)
