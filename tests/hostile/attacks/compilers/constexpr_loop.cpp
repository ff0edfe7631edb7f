// SPDX-License-Identifier: Apache-2.0
// attack: has the compiler compute for ever
// layer: cpu
// verdict: compile_error|time_limit|memory_limit
// limits: {"total_wall_ms": 2500}
constexpr long turn(long n)
{
	long x = 1;
	for (long i = 0; i < n; i++)
		for (long k = 0; k < 1000; k++)
			x = x * 31 + (i ^ k);
	return x;
}
template <long... N> constexpr long all() { return (turn(30 + N % 2) + ...); }
#define T(n) turn(n), turn(n + 1), turn(n + 2), turn(n + 3)
#define U(n) T(n), T(n + 4), T(n + 8), T(n + 12)
#define V(n) U(n), U(n + 16), U(n + 32), U(n + 48)
constexpr long many[] = { V(100), V(101), V(102), V(103), V(104), V(105), V(106), V(107), V(108), V(109) };
int main() { return many[7] & 1; }
