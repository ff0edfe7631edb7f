# SPDX-License-Identifier: Apache-2.0
# attack: none: names of languages ignore case, and nothing else
# layer: request
# verdict: accepted
# prints: contained
# request: {"language": "PyThOn"}
print("contained")
