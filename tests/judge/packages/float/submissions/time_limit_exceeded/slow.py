# SPDX-License-Identifier: Apache-2.0
import time

end = time.process_time() + 1.5
while time.process_time() < end:
    pass
print(int(input()) / 3, "Thirds")
