def counter():
    n = 0
    def up():
        nonlocal n
        n += 1
        return n
    return up
c = counter(); c(); print(c(), c.__closure__[0].cell_contents)
fs = [lambda i=i: i for i in range(3)] + [lambda: i for i in range(3)]
print([f() for f in fs])
def g(a, /, b, *args, c=3, **kw):
    return a, b, args, c, kw
print(g(1, 2, 3, c=4, d=5))
import inspect
print(inspect.signature(g))
