# SPDX-License-Identifier: Apache-2.0
n = int(input())
print(n // 2, n // 2)
