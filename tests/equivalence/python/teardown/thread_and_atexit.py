import threading, atexit, time
atexit.register(print, "atexit after threads")
own = threading.Event()
def f():
    own.wait()
    time.sleep(0.02)
    print("thread")
threading.Thread(target=f).start()
threading._register_atexit(own.set)
threading._register_atexit(print, "threading's own")
print("main")
