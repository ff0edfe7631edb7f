import concurrent.futures as cf
with cf.ThreadPoolExecutor(4) as e:
    fs = [e.submit(pow, i, 2) for i in range(10)]
    print([f.result() for f in fs])
    f = e.submit(lambda: 1 / 0)
    print(repr(f.exception()))
