# SPDX-License-Identifier: Apache-2.0
# attack: kills all of its process group, which must hold nobody else
# layer: runner
# verdict: runtime_error
# signal: SIGKILL
# prints: trying
# mode: stream
# times: 3
import os
import signal

print("trying", flush=True)
os.kill(0, signal.SIGKILL)
print("BREACH it lives")
