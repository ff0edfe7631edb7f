# SPDX-License-Identifier: Apache-2.0
low, high = 1, int(input())
while True:
    middle = (low + high) // 2
    print(middle, flush=True)
    said = input()
    if said == "right":
        break
    low, high = (middle + 1, high) if said == "higher" else (low, middle - 1)
