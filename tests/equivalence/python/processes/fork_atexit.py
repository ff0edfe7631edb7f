import os, atexit
atexit.register(lambda: print("atexit of", "child" if os.getpid() != parent else "parent", flush=True))
parent = os.getpid()
pid = os.fork()
if pid:
    print(os.waitpid(pid, 0)[1])
