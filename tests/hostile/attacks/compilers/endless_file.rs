// SPDX-License-Identifier: Apache-2.0
// attack: has the compiler read zeroes without end
// layer: cgroup-memory
// verdict: compile_error|time_limit|memory_limit
// limits: {"total_wall_ms": 2500}
const A: &[u8] = include_bytes!("/dev/zero");
fn main() { println!("{}", A.len()); }
