# SPDX-License-Identifier: Apache-2.0
# attack: tests that each use their whole time, past the budget of the submission
# layer: wall
# verdict: time_limit
# limits: {"wall_ms": 400, "total_wall_ms": 900}
# cases: 40
import time

time.sleep(3600)
