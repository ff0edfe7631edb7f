import builtins
real = builtins.__import__
def loud(name, *a, **k):
    if name in ("string", "re", "random"):
        print("import", name)
    return real(name, *a, **k)
builtins.__import__ = loud
import string, random
from re import match
print(match("a", "a").span())
