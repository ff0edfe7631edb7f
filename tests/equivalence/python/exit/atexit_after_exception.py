import atexit
atexit.register(print, "goodbye")
1 / 0
