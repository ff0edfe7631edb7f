// SPDX-License-Identifier: Apache-2.0
// attack: has the compiler make types without end, each of twice the others
// layer: cpu
// verdict: compile_error|time_limit|memory_limit
// limits: {"total_wall_ms": 2500}
template <int N, int M> struct tower {
	typedef typename tower<N - 1, 2 * M>::type left;
	typedef typename tower<N - 1, 2 * M + 1>::type right;
	struct type : left, right {};
};
template <int M> struct tower<0, M> { struct type {}; };
int main() { return sizeof(tower<30, 1>::type); }
