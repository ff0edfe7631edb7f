import signal, os
signal.signal(signal.SIGCHLD, lambda n, f: print("child gone"))
pid = os.fork()
if pid == 0: os._exit(0)
os.waitpid(pid, 0)
