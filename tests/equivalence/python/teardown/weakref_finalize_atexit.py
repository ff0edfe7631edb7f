import weakref
class A: pass
keep = [A() for _ in range(3)]
for i, a in enumerate(keep):
    weakref.finalize(a, print, "finalizer", i)
f = weakref.finalize(keep[0], print, "not at exit"); f.atexit = False
print("end")
