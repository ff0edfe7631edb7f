// SPDX-License-Identifier: Apache-2.0
// attack: macros that double with each line
// layer: cpu
// verdict: compile_error|time_limit|memory_limit
// limits: {"total_wall_ms": 2500}
#![recursion_limit = "1000000"]
macro_rules! twice { ($($t:tt)*) => { twice!($($t)* $($t)*); } }
fn main() { twice!(1 2 3 4); }
