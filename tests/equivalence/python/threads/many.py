import threading
n = []
ts = [threading.Thread(target=n.append, args=(i,)) for i in range(200)]
[t.start() for t in ts]; [t.join() for t in ts]
print(len(n), sum(n))
