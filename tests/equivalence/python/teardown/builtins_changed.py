import builtins
real = builtins.print
def loud(*a, **k): real("LOUD", *a, **k)
builtins.print = loud
class A:
    def __del__(self): print("at the end")
a = A()
print("now")
