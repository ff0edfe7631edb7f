def solve(n, r=0, c=0, d=0, a=0):
    if r == n: return 1
    t = 0
    free = ~(c | d | a) & ((1 << n) - 1)
    while free:
        b = free & -free; free ^= b
        t += solve(n, r + 1, c | b, (d | b) << 1, (a | b) >> 1)
    return t
print([solve(n) for n in range(1, 9)])
