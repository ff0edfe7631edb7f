# SPDX-License-Identifier: Apache-2.0
# attack: ends well after half of the answer
# layer: init
# verdict: wrong_answer
# request: {"test_cases": [{"input": "", "expected": "1\n2\n3\n"}]}
import os

os.write(1, b"1\n2\n")
os._exit(0)
