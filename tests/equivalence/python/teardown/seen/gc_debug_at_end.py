import gc

gc.set_debug(gc.DEBUG_SAVEALL)


class A:
    pass


a = A()
a.self = a
del a
print("last line")
