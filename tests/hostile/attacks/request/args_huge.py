# SPDX-License-Identifier: Apache-2.0
# attack: one argument longer than the kernel takes
# layer: request
# verdict: refused
# error: args
# args: [1, 200000]
print("BREACH")
