class A:
    def __del__(self): print("local del")
def f():
    a = A()
    raise ValueError("uncaught")
f()
