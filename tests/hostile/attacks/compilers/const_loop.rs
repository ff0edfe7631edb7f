// SPDX-License-Identifier: Apache-2.0
// attack: has the compiler compute for ever
// layer: cpu
// verdict: compile_error|time_limit
// limits: {"total_wall_ms": 2500}
const fn turn(mut n: u64) -> u64 { let mut x = 1; while n > 0 { x = (x * 31 + n) % 1000003; n -= 1; } x }
const fn all(n: u64) -> u64 { if n == 0 { 0 } else { turn(1000) + all(n - 1) } }
const A: [u64; 8] = [turn(1 << 40), all(100000), turn(1 << 41), turn(1 << 42), turn(1 << 43), 0, 0, 0];
fn main() { println!("{:?}", A); }
