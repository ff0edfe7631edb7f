import threading, sys
sys.setrecursionlimit(200000)
threading.stack_size(256 << 20)
def deep(n): return 0 if n == 0 else 1 + deep(n - 1)
def run(): print(deep(150000))
t = threading.Thread(target=run); t.start(); t.join()
