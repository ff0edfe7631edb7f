# SPDX-License-Identifier: Apache-2.0
# attack: kills itself as the kernel would for want of memory
# layer: init
# verdict: runtime_error
# signal: SIGKILL
import os
import signal

os.kill(os.getpid(), signal.SIGKILL)
