# SPDX-License-Identifier: Apache-2.0
# attack: a language that ends early
# layer: request
# verdict: refused
# error: language
# request: {"language": "python\u0000x"}
print("BREACH")
