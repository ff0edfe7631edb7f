import builtins
class A:
    def __del__(self): print(len("abc"))
a = A()
del builtins.len
