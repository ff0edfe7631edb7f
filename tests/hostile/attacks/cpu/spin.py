# SPDX-License-Identifier: Apache-2.0
# attack: one endless loop
# layer: cpu
# verdict: time_limit
# limits: {"cpu_ms": 500, "wall_ms": 2000}
while True:
    pass
