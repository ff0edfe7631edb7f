// SPDX-License-Identifier: Apache-2.0
// attack: a line that grows to a billion words
// layer: cgroup-memory
// limits: {"total_wall_ms": 2500}
// verdict: compile_error|time_limit|memory_limit
#define A "lol", "lol", "lol", "lol", "lol", "lol", "lol", "lol", "lol", "lol"
#define B A, A, A, A, A, A, A, A, A, A
#define C B, B, B, B, B, B, B, B, B, B
#define D C, C, C, C, C, C, C, C, C, C
#define E D, D, D, D, D, D, D, D, D, D
#define F E, E, E, E, E, E, E, E, E, E
#define G F, F, F, F, F, F, F, F, F, F
#define H G, G, G, G, G, G, G, G, G, G
const char *words[] = { H, H };

int main(void)
{
}
