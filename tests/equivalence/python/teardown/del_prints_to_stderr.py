import sys
class A:
    def __del__(self): print("bye", file=sys.stderr)
a = A()
