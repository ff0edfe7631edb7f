# libc gives threads what RLIMIT_STACK was when it started.
import threading, sys, functools
sys.setrecursionlimit(10 ** 6)
class A:
    def __eq__(self, o): return self.n == 0 or A.make(self.n - 1) == o
    @staticmethod
    def make(n):
        a = A(); a.n = n; return a
def run(): print(A.make(9000) == 1)
t = threading.Thread(target=run); t.start(); t.join()
