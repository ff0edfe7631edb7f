// SPDX-License-Identifier: Apache-2.0
// attack: has the assembler read a device without end
// layer: cgroup-memory
// limits: {"total_wall_ms": 2500}
// verdict: compile_error|time_limit|memory_limit|disk_limit
__asm__(".data\n.incbin \"/dev/zero\"\n");

int main(void)
{
}
