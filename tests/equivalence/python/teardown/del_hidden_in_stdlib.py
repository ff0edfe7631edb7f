import os, json
class A:
    def __init__(self, n): self.n = n
    def __del__(self): print("del", self.n)
os.mine = A("os")
json.mine = A("json")
print("end")
