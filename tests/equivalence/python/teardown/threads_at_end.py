import threading, time
def f(n):
    time.sleep(0.02 * n)
    print("thread", n)
for i in range(3):
    threading.Thread(target=f, args=(i,)).start()
print("main ends first")
