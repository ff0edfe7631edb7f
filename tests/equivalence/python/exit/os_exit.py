import os, atexit
atexit.register(print, "never")
os._exit(7)
