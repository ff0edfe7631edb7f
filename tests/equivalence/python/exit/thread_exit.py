import sys, threading
def f():
    sys.exit("only the thread ends")
t = threading.Thread(target=f)
t.start(); t.join()
print("main goes on")
