# SPDX-License-Identifier: Apache-2.0
# attack: null in place of a list
# layer: request
# verdict: refused
# error: test_cases
# request: {"test_cases": null}
print("BREACH")
