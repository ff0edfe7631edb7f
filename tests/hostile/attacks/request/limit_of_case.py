# SPDX-License-Identifier: Apache-2.0
# attack: a test that gives itself more than the deployment allows
# layer: request
# verdict: refused
# error: test_cases\[0\]\.limits
# request: {"test_cases": [{"input": "", "expected": "", "limits": {"memory_kb": 1099511627776}}]}
print("BREACH")
