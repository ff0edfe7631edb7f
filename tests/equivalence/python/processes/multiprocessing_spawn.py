import multiprocessing as mp
def f(q, x):
    print("child", __name__, flush=True)
    q.put(x * 2)
if __name__ == "__main__":
    c = mp.get_context("spawn")
    q = c.Queue()
    p = c.Process(target=f, args=(q, 21))
    p.start()
    print(q.get()); p.join(); print(p.exitcode)
