# SPDX-License-Identifier: Apache-2.0
# attack: four times the limit on stderr, then the right answer: too much to keep, not too much to allow
# layer: output
# verdict: accepted
# prints: right
# limits: {"output_bytes": 16384}
import os

os.write(2, b"y" * 65536)
print("right")
