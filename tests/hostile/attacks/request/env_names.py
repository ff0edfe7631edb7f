# SPDX-License-Identifier: Apache-2.0
# attack: names of variables that are none
# layer: request
# verdict: refused
# error: env
# request: {"env": {"A=B": "x"}}
print("BREACH")
