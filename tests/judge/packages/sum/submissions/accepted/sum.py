# SPDX-License-Identifier: Apache-2.0
a, b = map(int, input().split())
print(a + b)
