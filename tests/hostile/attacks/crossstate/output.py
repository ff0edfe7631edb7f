# SPDX-License-Identifier: Apache-2.0
# attack: writes into the output of the next test by a process that lives on
# layer: pidns
# verdict: accepted|wrong_answer
# own_output: yes
# request: {"test_cases": [{"input": "1", "expected": "1"}, {"input": "2", "expected": "2"}, {"input": "3", "expected": "3"}, {"input": "4", "expected": "4"}, {"input": "5", "expected": "5"}]}
import os

r, w = os.pipe()
text = input()
if os.fork() == 0:
    os.setsid()
    os.write(w, b"x")
    while True:
        os.write(1, text.encode() + b"\n")
os.read(r, 1)
os.write(1, text.encode() + b"\n")
os._exit(0)
