// SPDX-License-Identifier: Apache-2.0
// attack: is a crate whose macros are code in the compiler
// layer: request
// verdict: compile_error|runtime_error
// never: BREACH
#![crate_type = "proc-macro"]
extern crate proc_macro;
#[proc_macro]
pub fn evil(_: proc_macro::TokenStream) -> proc_macro::TokenStream {
    println!("BREACH");
    std::fs::read_to_string("/root/kodewar-canary").unwrap().parse().unwrap()
}
