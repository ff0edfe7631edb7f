import multiprocessing as mp, sys
def f(): sys.exit(7)
def g(): raise ValueError("x")
if __name__ == "__main__":
    for t in (f, g):
        p = mp.Process(target=t); p.start(); p.join()
        print(p.exitcode, p.name)
