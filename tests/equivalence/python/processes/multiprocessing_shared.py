import multiprocessing as mp
def f(v, a):
    with v.get_lock():
        v.value += 1
    a[0] = 5.5
if __name__ == "__main__":
    v, a = mp.Value("i", 0), mp.Array("d", 3)
    ps = [mp.Process(target=f, args=(v, a)) for _ in range(3)]
    [p.start() for p in ps]; [p.join() for p in ps]
    print(v.value, list(a))
