# SPDX-License-Identifier: Apache-2.0
# attack: becomes /bin/true, or what ends as well where there is none, in the hope that its ending is all that counts
# layer: init
# verdict: wrong_answer
# request: {"test_cases": [{"input": "", "expected": "x"}]}
import os

try:
    os.execv("/bin/true", ["true"])
except FileNotFoundError:
    os.execv("/usr/bin/python3.11", ["python3.11", "-c", ""])
