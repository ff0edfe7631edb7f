# SPDX-License-Identifier: Apache-2.0
# attack: runs programs in the compiler that read the host and fork
# layer: tree
# verdict: accepted|compile_error
# never: root:
# limits: {"total_wall_ms": 30000}
const a = staticExec("cat /root/kodewar-canary /etc/shadow /tmp/kodewar-canary /proc/1/environ 2>/dev/null; echo $KW_CANARY")
const b = staticExec("for i in $(seq 500); do sleep 9 & done; echo done")
echo (if a.len == 0: "contained" else: "BREACH " & a), b.len
