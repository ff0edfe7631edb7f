# SPDX-License-Identifier: Apache-2.0
# attack: makes a checker repeat control sequences, NUL and broken UTF-8 in its comment
# layer: request
# verdict: wrong_answer
# request: {"checker": {"language": "python", "code": "import os, sys\nos.write(2, open('output', 'rb').read())\nsys.exit(1)"}, "test_cases": [{"input": "", "expected": ""}]}
# never: \x1b
import os
os.write(1, b"\x1b]0;BREACH\x07".replace(b"BREACH", b"B" + b"REACHED"[1:]) + b"\xff\xc3\x00\x9b31m" * 2000)
