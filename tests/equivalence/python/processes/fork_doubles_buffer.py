import os
print("in the buffer of both")
pid = os.fork()
if pid:
    os.waitpid(pid, 0)
