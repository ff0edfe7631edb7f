import atexit
def bad():
    raise RuntimeError("in atexit")
atexit.register(print, "still runs")
atexit.register(bad)
atexit.register(print, "runs first")
