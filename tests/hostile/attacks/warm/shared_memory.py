# SPDX-License-Identifier: Apache-2.0
# attack: looks for memory that it shares with the process that it was forked from, and for text that it could write to
# layer: runner
# verdict: accepted
# prints: contained
# mode: stream
# times: 3
from probe import *

for line in open("/proc/self/maps"):
    mode = line.split()[1]
    if "w" in mode and "s" in mode:
        breach(f"shared and writable: {line.strip()}")
    if "w" in mode and "x" in mode:
        breach(f"writable and executable: {line.strip()}")
print("contained")
