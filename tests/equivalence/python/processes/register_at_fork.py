import os
os.register_at_fork(before=lambda: print("before", flush=True), after_in_child=lambda: print("in child", flush=True))
pid = os.fork()
if pid == 0:
    os._exit(0)
os.waitpid(pid, 0)
def after_child():
    os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)  # whose line comes first
    print("in parent", flush=True)
os.register_at_fork(after_in_parent=after_child)
pid = os.fork()
if pid == 0:
    os._exit(0)
os.waitpid(pid, 0)
