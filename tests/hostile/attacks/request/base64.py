# SPDX-License-Identifier: Apache-2.0
# attack: a file that is not what its encoding says
# layer: request
# verdict: refused
# error: files\[0\]
# request: {"files": [{"name": "a", "content": "%%%%", "encoding": "base64"}]}
print("BREACH")
