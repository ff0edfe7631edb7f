import threading
b, e, c = threading.Barrier(3), threading.Event(), threading.Condition()
got = []
def f(i):
    b.wait(); e.wait()
    with c:
        got.append(i); c.notify()
for i in range(2): threading.Thread(target=f, args=(i,)).start()
b.wait(); e.set()
with c: c.wait_for(lambda: len(got) == 2, 5)
print(sorted(got))
