import signal, os
def h(n, frame): print("handler", signal.Signals(n).name, frame.f_code.co_name)
signal.signal(signal.SIGUSR1, h); signal.signal(signal.SIGTERM, h)
os.kill(os.getpid(), signal.SIGUSR1)
signal.raise_signal(signal.SIGTERM)
print("end")
