# SPDX-License-Identifier: Apache-2.0
# attack: more tests than allowed
# layer: request
# verdict: refused
# error: test_cases
# cases: 1001
print("contained")
