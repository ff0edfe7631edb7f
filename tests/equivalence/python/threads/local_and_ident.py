import threading, os
l = threading.local(); l.x = 1
ids = set()
def f():
    ids.add(threading.get_native_id())
    print(hasattr(l, "x"), threading.get_native_id() != os.getpid())
t = threading.Thread(target=f); t.start(); t.join()
print(len(ids), l.x)
