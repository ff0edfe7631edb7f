# SPDX-License-Identifier: Apache-2.0
# attack: a file of the request with an absolute name
# layer: request
# verdict: refused
# error: files\[0\]
# request: {"files": [{"name": "/etc/passwd", "content": "x"}]}
print("BREACH")
