import os, signal, time, atexit
atexit.register(print, "atexit ran")
os.kill(os.getpid(), signal.SIGINT)
time.sleep(5)
