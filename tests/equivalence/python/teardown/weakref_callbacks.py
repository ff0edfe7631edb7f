import weakref
class A: pass
a = A()
r = weakref.ref(a, lambda _: print("callback"))
f = weakref.finalize(a, print, "finalize")
d = weakref.WeakValueDictionary(x=a)
print(len(d), f.alive)
