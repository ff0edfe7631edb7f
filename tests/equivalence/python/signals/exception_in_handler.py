import signal, os
def h(*a): raise RuntimeError("from the handler")
signal.signal(signal.SIGUSR1, h)
os.kill(os.getpid(), signal.SIGUSR1)
for _ in range(100000): pass
