class A:
    def __init__(self, n): self.n = n
    def __del__(self): print(self.n, end=" ")
z = A("z"); m = A("m"); a = A("a")
d = {i: A(i) for i in range(5)}
t = (A("t1"), A("t2"))
del m
print("|", end=" ")
