# SPDX-License-Identifier: Apache-2.0
n = int(input())
print(n * n if n < 1500 else 0)
