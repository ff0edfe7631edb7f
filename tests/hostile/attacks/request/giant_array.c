// SPDX-License-Identifier: Apache-2.0
// attack: an executable of four gigabytes
// layer: rlimits
// limits: {"total_wall_ms": 2500}
// verdict: compile_error|disk_limit|memory_limit|time_limit
char a[1l << 32] = { 1 };

int main(void)
{
	return a[5];
}
