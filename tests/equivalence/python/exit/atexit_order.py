import atexit
@atexit.register
def a(): print("a")
atexit.register(print, "b", 2, sep="-")
def c():
    print("c")
    atexit.register(print, "added late")
atexit.register(c)
d = atexit.register(print, "unregistered")
atexit.unregister(print)
print("end of main", atexit._ncallbacks())
