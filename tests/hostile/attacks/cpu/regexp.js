// SPDX-License-Identifier: Apache-2.0
// attack: a regular expression that backtracks for ever, inside one uninterruptible call
// layer: cpu
// verdict: time_limit
// limits: {"cpu_ms": 500, "wall_ms": 3000}
/^(([a-z])+.)+[A-Z]([a-z])+$/.test("a".repeat(200));
