import atexit, sys
def f():
    print("in f")
    sys.exit(4)
atexit.register(print, "first registered, last run")
atexit.register(f)
