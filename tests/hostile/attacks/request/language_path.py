# SPDX-License-Identifier: Apache-2.0
# attack: a language that is a path
# layer: request
# verdict: refused
# error: language
# request: {"language": "../languages/python"}
print("BREACH")
