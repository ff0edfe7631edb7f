# The stack is 64 MB for both; what overflows it ends both the same way.
import sys
sys.setrecursionlimit(10 ** 8)
class A:
    def __getattr__(self, n): return getattr(self, n + "x"[:0])
try:
    A().x
except RecursionError:
    print("no crash")
