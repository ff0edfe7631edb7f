// SPDX-License-Identifier: Apache-2.0
// attack: fills disk and memory with what the compiler writes
// layer: tmpfs
// verdict: compile_error|time_limit|memory_limit
// limits: {"total_wall_ms": 6000}
asm(".section .data\n.rept 4000\n.fill 1048576, 1, 0x41\n.endr\n");
int main() {}
