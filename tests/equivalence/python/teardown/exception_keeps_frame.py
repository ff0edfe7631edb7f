class A:
    def __del__(self): print("local del")
def f():
    a = A()
    raise ValueError("x")
try:
    f()
except ValueError as e:
    keep = e
print("end")
