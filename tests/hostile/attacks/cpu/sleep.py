# SPDX-License-Identifier: Apache-2.0
# attack: sleeps for an hour
# layer: wall
# verdict: time_limit
# limits: {"wall_ms": 300}
import time

time.sleep(3600)
