// SPDX-License-Identifier: Apache-2.0
// attack: imports files of the host as text, and computes for ever
// layer: tree
// verdict: compile_error|time_limit
// never: root:
// limits: {"total_wall_ms": 2500}
enum a = import("/root/kodewar-canary");
enum b = import("../root/kodewar-canary");
ulong turn(ulong n) { ulong x = 1; while (n--) x = x * 31 + n; return x; }
enum c = turn(1UL << 40);
void main() {}
