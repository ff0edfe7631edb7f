# SPDX-License-Identifier: Apache-2.0
# attack: a limit that is no integer
# layer: request
# verdict: refused
# error: limits.wall_ms
# limits: {"wall_ms": 1e300}
print("BREACH")
