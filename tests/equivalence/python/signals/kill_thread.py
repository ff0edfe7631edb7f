import signal, threading
signal.signal(signal.SIGUSR1, lambda *a: print("in", threading.current_thread().name))
signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)
print("end")
