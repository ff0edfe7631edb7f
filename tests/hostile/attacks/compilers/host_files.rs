// SPDX-License-Identifier: Apache-2.0
// attack: puts files of the host into the program
// layer: tree
// verdict: compile_error
// never: root:
const A: &str = include_str!("/root/kodewar-canary");
const B: &[u8] = include_bytes!("/etc/shadow");
const C: &str = include_str!("/proc/1/environ");
const D: Option<&str> = option_env!("KW_CANARY");
fn main() { println!("{} {:?} {} {:?}", A, B, C, D); }
