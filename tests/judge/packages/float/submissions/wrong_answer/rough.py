# SPDX-License-Identifier: Apache-2.0
print(round(int(input()) / 3, 3), "Thirds")
