// SPDX-License-Identifier: Apache-2.0
// attack: an assembler file that repeats itself for ever
// layer: cpu
// limits: {"total_wall_ms": 2500}
// verdict: compile_error|time_limit|memory_limit|disk_limit
__asm__(".data\n.rept 1000000\n.rept 1000000\n.long 1\n.endr\n.endr\n");

int main(void)
{
}
