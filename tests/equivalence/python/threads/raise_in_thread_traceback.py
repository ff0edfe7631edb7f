import threading
def f(): 
    g()
def g():
    raise LookupError("deep")
t = threading.Thread(target=f); t.start(); t.join()
