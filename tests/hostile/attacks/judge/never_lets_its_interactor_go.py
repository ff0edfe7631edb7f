# SPDX-License-Identifier: Apache-2.0
# attack: leaves a child that holds the interactor's stdin open, closes nothing, and waits for ever
# layer: wall
# verdict: time_limit
# request: {"interactor": {"language": "python", "code": "import sys\nsys.stdin.read()"}, "test_cases": [{"input": "", "expected": ""}]}
import os
import signal
import time
if os.fork() == 0:
    os.setsid()
    for number in range(1, 32):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
time.sleep(600)
