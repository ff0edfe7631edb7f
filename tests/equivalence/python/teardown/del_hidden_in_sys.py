import sys, builtins
class A:
    def __init__(self, n): self.n = n
    def __del__(self): print("del", self.n)
sys.mine = A("sys")
sys._mine = A("sys underscore")
builtins.mine = A("builtins")
print("end")
