import threading
t = threading.Timer(0.01, print, ("fired",)); t.start()
u = threading.Timer(60, print, ("never",)); u.start(); u.cancel()
print("main")
t.join()
