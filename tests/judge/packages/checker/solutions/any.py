# SPDX-License-Identifier: Apache-2.0
n = int(input())
print(-1, n + 1)
