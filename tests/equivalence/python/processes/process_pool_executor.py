import concurrent.futures as cf
def f(x): return x ** 2
if __name__ == "__main__":
    with cf.ProcessPoolExecutor(2) as e:
        print(list(e.map(f, range(6))))
