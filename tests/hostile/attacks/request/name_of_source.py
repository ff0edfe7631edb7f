# SPDX-License-Identifier: Apache-2.0
# attack: a file of the request in place of the source
# layer: request
# verdict: refused
# error: files
# request: {"files": [{"name": "main.py", "content": "print('BREACH')"}]}
print("mine")
