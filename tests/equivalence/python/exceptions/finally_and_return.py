def f():
    try:
        return "try"
    finally:
        print("finally")
def g():
    for i in range(3):
        try:
            continue
        finally:
            print(i)
    else:
        return "else"
print(f(), g())
class C:
    def __enter__(self): print("enter"); return self
    def __exit__(self, *a): print("exit", a[0] and a[0].__name__); return True
with C() as c, C():
    1 / 0
print("swallowed")
