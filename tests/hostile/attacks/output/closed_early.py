# SPDX-License-Identifier: Apache-2.0
# attack: closes stdout and stderr, so that whoever waits for the end of output thinks it is done
# layer: wall
# verdict: time_limit
# limits: {"wall_ms": 500}
import os
import time

os.write(1, b"early")
os.close(0)
os.close(1)
os.close(2)
time.sleep(3600)
