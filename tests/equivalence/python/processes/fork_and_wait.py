import os, sys
print("once")
sys.stdout.flush()
pid = os.fork()
if pid == 0:
    print("child", os.getppid() > 0)
    sys.exit(5)
_, status = os.waitpid(pid, 0)
print("parent", os.waitstatus_to_exitcode(status))
