import threading
said = threading.Event()
t = threading.Timer(0.01, lambda: (said.wait(), print("fired"))); t.start()
u = threading.Timer(60, print, ("never",)); u.start(); u.cancel()
print("main"); said.set()
t.join()
