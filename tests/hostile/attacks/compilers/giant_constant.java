// SPDX-License-Identifier: Apache-2.0
// attack: constants that are each twice the last one, which the compiler has to compute
// layer: cgroup-memory
// verdict: compile_error|time_limit|memory_limit
// limits: {"total_wall_ms": 6000}
class Main {
    static final String A = "0123456789abcdef0123456789abcdef", B = A + A + A + A + A + A + A + A, C = B + B + B + B + B + B + B + B;
    static final String D = C + C + C + C + C + C + C + C, E = D + D + D + D + D + D + D + D, F = E + E + E + E + E + E + E + E;
    static final String G = F + F + F + F + F + F + F + F, H = G + G + G + G + G + G + G + G, I = H + H + H + H + H + H + H + H;
    static final String J = I + I + I + I + I + I + I + I, K = J + J + J + J + J + J + J + J, L = K + K + K + K + K + K + K + K;
    public static void main(String[] args) { System.out.println(L.length()); }
}
