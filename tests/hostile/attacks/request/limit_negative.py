# SPDX-License-Identifier: Apache-2.0
# attack: a negative limit, which as an unsigned number is none
# layer: request
# verdict: refused
# error: limits.processes
# limits: {"processes": -1}
print("BREACH")
