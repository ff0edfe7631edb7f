# SPDX-License-Identifier: Apache-2.0
# attack: sets the supervisor's own variables, reads those that it was started with
# layer: request
# verdict: accepted|refused
# never: BREACH
# request: {"env": {"KODEWAR_LAYERS_OFF": "seccomp,caps", "KODEWAR_BIN": "/box/x", "PATH": "/box"}}
import os

for name, value in os.environ.items():
    if "canary" in name.lower() or "kw-" in value:
        print("BREACH", name, value)
with open("/proc/self/status") as f:
    if "Seccomp:\t2" not in f.read():
        print("BREACH no filter")
print("contained")
