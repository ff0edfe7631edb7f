# SPDX-License-Identifier: Apache-2.0
# attack: a file of the request named ..
# layer: request
# verdict: refused
# error: files\[1\]
# request: {"files": [{"name": "ok", "content": ""}, {"name": "..", "content": "x"}]}
print("BREACH")
