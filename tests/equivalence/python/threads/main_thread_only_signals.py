import threading, signal
def f():
    try:
        signal.signal(signal.SIGUSR1, print)
    except ValueError as e:
        print(e)
t = threading.Thread(target=f); t.start(); t.join()
