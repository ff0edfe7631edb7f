class P:
    __slots__ = ("a", "b")
    def __init__(self, a, b): self.a, self.b = a, b
ps = [P(i, -i) for i in range(300_000)]
print(sum(p.a + p.b for p in ps))
d = {i: (i, str(i)) for i in range(200_000)}
print(len(d), d[199_999])
