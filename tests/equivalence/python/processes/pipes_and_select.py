import os, select
r, w = os.pipe()
print(select.select([r], [], [], 0)[0], os.write(w, b"x"), select.select([r], [], [], 1)[0] == [r])
p = select.poll(); p.register(r, select.POLLIN); print(len(p.poll(0)))
e = select.epoll(); e.register(r, select.EPOLLIN); print(len(e.poll(0)))
