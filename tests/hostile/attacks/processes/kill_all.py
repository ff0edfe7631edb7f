# SPDX-License-Identifier: Apache-2.0
# attack: kills every process that it may signal
# layer: pidns
# verdict: accepted
# prints: alive
import os
import signal

for group in (-1, 0):
    if group == 0:
        os.setpgid(0, 0) if os.getpgid(0) != os.getpid() else None
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        os.kill(group, signal.SIGKILL if group == -1 else signal.SIGTERM)
    except OSError:
        pass
for pid in range(1, 32769):
    if pid != os.getpid():
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass
print("alive")
