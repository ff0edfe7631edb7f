# SPDX-License-Identifier: Apache-2.0
import os
import sys

import rules

number = int(open(sys.argv[1]).read())
assert open(sys.argv[2]).read() == "any\n" and sys.argv[3].endswith("/") and sys.argv[4:] == ["proper", "strict"]
with open(os.path.join(sys.argv[3], "judgemessage.txt"), "w") as file:
    file.write("feedback\n")
words = sys.stdin.read().split()
if len(words) == 1 and words[0].isdigit() and rules.proper(number, int(words[0])):
    sys.exit(42)
print("no proper divisor of", number, file=sys.stderr)
sys.exit(43)
