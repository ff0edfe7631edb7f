# SPDX-License-Identifier: Apache-2.0
# attack: leaves files where a checker looks for its own
# layer: request
# verdict: wrong_answer
# request: {"checker": {"language": "python", "protocol": "kattis", "code": "import sys\nsys.exit(42 if sys.stdin.read() == open(sys.argv[2]).read() else 43)"}, "test_cases": [{"input": "", "expected": "right"}]}
# never: BREACH
import os
for name in ("answer", "input", "output", "main.py", "usercustomize.py", "sitecustomize.py", "open.py"):
    for place in ("/box", "/tmp", "/dev/shm"):
        try:
            with open(os.path.join(place, name), "w") as f:
                f.write("import os; os._exit(42)")
        except OSError:
            pass
print("wrong", end="")
