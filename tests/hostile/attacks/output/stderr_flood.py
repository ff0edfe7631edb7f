# SPDX-License-Identifier: Apache-2.0
# attack: floods stderr
# layer: output
# verdict: output_limit
# limits: {"output_bytes": 65536}
import os

while True:
    os.write(2, b"x" * 65536)
