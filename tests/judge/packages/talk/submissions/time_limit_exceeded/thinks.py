# SPDX-License-Identifier: Apache-2.0
print(3, flush=True)
while int(input()) > 5:
    while True:
        pass
