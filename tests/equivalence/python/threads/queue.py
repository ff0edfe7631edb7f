import queue, threading
q, out = queue.Queue(3), queue.SimpleQueue()
def work():
    while (x := q.get()) is not None:
        out.put(x * x)
        q.task_done()
t = threading.Thread(target=work); t.start()
for i in range(10): q.put(i)
q.join(); q.put(None); t.join()
print([out.get() for _ in range(10)], out.empty())
