# SPDX-License-Identifier: Apache-2.0
# attack: one line as long as the limit
# layer: output
# verdict: accepted
# prints_match: ^x{65536}\Z
# limits: {"output_bytes": 65536}
import os

os.write(1, b"x" * 65536)
