import weakref


def f():
    pass


kept = {"p": weakref.proxy(f, lambda r: print("gone"))}
print("last line")
