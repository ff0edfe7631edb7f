# SPDX-License-Identifier: Apache-2.0
# attack: more arguments than allowed
# layer: request
# verdict: refused
# error: args
# args: [1000, 10]
print("BREACH")
