# SPDX-License-Identifier: Apache-2.0
# attack: a language that is a command
# layer: request
# verdict: refused
# error: language
# request: {"language": "python;id"}
print("BREACH")
