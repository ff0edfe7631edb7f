// SPDX-License-Identifier: Apache-2.0
// attack: brackets nested deeper than the compiler's stack
// layer: init
// verdict: compile_error|memory_limit|time_limit
// surround: ["int main(void) { return ", "(", 300000]
