# SPDX-License-Identifier: Apache-2.0
data = bytearray(200 << 20)
data[::4096] = b"x" * (len(data) // 4096)
print(int(input()) / 2)
