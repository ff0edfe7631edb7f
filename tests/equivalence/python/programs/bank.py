class Account:
    def __init__(self, owner, balance=0): self.owner, self._b, self.log = owner, balance, []
    def __iadd__(self, x): self._b += x; self.log.append(x); return self
    def __str__(self): return f"{self.owner}: {self._b:.2f}"
    def withdraw(self, x):
        if x > self._b: raise ValueError(f"insufficient funds: {self._b} < {x}")
        self._b -= x
a = Account("Ann", 10); a += 5.5
print(a)
a.withdraw(100)
