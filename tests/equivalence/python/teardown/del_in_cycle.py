class A:
    def __init__(self, n): self.n, self.me = n, self
    def __del__(self): print("cycle", self.n)
a = [A(i) for i in range(4)]
def f():
    return a
