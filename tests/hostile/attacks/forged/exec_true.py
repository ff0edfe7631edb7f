# SPDX-License-Identifier: Apache-2.0
# attack: becomes /bin/true in the hope that its ending is all that counts
# layer: init
# verdict: wrong_answer
# request: {"test_cases": [{"input": "", "expected": "x"}]}
import os

os.execv("/bin/true", ["true"])
