import gc, weakref
class A: pass
a = A(); a.me = a; r = weakref.ref(a)
del a
print(r() is not None, gc.collect() > 0, r() is None)
print(gc.is_tracked([]), gc.is_tracked(1), gc.is_tracked({}), len(gc.get_referrers(r)) >= 1)
