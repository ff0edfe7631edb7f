; SPDX-License-Identifier: Apache-2.0
; attack: repeats, and includes files of the host
; layer: tree
; verdict: compile_error|time_limit|memory_limit
; never: root:
; limits: {"total_wall_ms": 2500}
section .data
a: incbin "/root/kodewar-canary"
b: incbin "/etc/shadow"
%include "/tmp/kodewar-canary"
c: incbin "/dev/zero"
%assign i 0
%rep 1000000000
%assign i i+1
dq i, i, i, i
%endrep
