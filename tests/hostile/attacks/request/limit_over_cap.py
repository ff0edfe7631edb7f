# SPDX-License-Identifier: Apache-2.0
# attack: more memory than the deployment gives
# layer: request
# verdict: refused
# error: limits.memory_kb
# limits: {"memory_kb": 1099511627776}
print("BREACH")
