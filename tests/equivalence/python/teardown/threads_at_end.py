import threading, time
turns = [threading.Event() for _ in range(4)]
def f(n):
    turns[n].wait()
    time.sleep(0.02)
    print("thread", n)
    turns[n + 1].set()
for i in range(3):
    threading.Thread(target=f, args=(i,)).start()
print("main ends first")
turns[0].set()
