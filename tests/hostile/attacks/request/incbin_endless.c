// SPDX-License-Identifier: Apache-2.0
// attack: has the assembler read a device without end
// layer: cgroup-memory
// verdict: compile_error|time_limit|memory_limit|disk_limit
__asm__(".data\n.incbin \"/dev/zero\"\n");

int main(void)
{
}
