# SPDX-License-Identifier: Apache-2.0
# attack: a limit of nothing, which might mean none
# layer: request
# verdict: refused
# error: limits.cpu_ms
# limits: {"cpu_ms": 0}
print("BREACH")
