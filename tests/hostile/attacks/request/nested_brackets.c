// SPDX-License-Identifier: Apache-2.0
// attack: brackets nested deeper than the compiler's stack
// layer: init
// limits: {"total_wall_ms": 2500}
// verdict: compile_error|memory_limit|time_limit
// surround: ["int main(void) { return ", "(", 300000]
