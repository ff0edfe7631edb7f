# SPDX-License-Identifier: Apache-2.0
# attack: a file of the request with NUL in its name
# layer: request
# verdict: refused
# error: files\[0\]
# request: {"files": [{"name": "a\u0000/../../x", "content": "x"}]}
print("BREACH")
