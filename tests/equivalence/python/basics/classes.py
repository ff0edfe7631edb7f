class Meta(type):
    def __new__(m, name, bases, ns, **kw):
        print("new", name, sorted(k for k in ns if not k.startswith("__")), kw)
        return super().__new__(m, name, bases, ns)
class A(metaclass=Meta, flag=1):
    x = 1
    def f(self):
        return "A.f"
class B(A):
    def f(self):
        return "B." + super().f()
class C(A):
    def f(self):
        return "C." + super().f()
class D(B, C):
    __slots__ = ("v",)
    def __init_subclass__(cls):
        print("sub", cls.__name__)
class E(D):
    pass
print(E().f(), [c.__name__ for c in E.__mro__])
class P:
    @property
    def v(self): return self._v
    @v.setter
    def v(self, x): self._v = x * 2
    def __getattr__(self, n): return "no " + n
    def __repr__(self): return f"P({self._v})"
p = P(); p.v = 4
print(p, p.v, p.other, P.__qualname__, P.__module__)
