# SPDX-License-Identifier: Apache-2.0
# attack: prints what makes an honest regular expression backtrack for ever
# layer: request
# verdict: wrong_answer
# request: {"compare": "regex", "test_cases": [{"input": "", "expected": "(?:[a-z]+ ?)+[.!]"}]}
print("a" * 500000)
