import threading
lock, total = threading.Lock(), 0
def add(n):
    global total
    for _ in range(n):
        with lock:
            total += 1
ts = [threading.Thread(target=add, args=(1000,)) for _ in range(8)]
[t.start() for t in ts]; [t.join() for t in ts]
print(total, threading.active_count(), ts[0].name, ts[7].name, threading.current_thread().name)
