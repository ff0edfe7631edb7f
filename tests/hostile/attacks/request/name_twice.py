# SPDX-License-Identifier: Apache-2.0
# attack: two files of the same name
# layer: request
# verdict: refused
# error: files
# request: {"files": [{"name": "a", "content": "1"}, {"name": "a", "content": "2"}]}
print("BREACH")
