# SPDX-License-Identifier: Apache-2.0
# attack: NUL in an argument
# layer: request
# verdict: refused
# error: args
# request: {"args": ["a\u0000b"]}
print("BREACH")
