# SPDX-License-Identifier: Apache-2.0
# attack: floods stdout
# layer: output
# verdict: output_limit
# limits: {"output_bytes": 65536}
import os

while True:
    os.write(1, b"x" * 65536)
