import sys
sys.tracebacklimit = 2
def f(n): f(n - 1) if n else 1 / 0
f(6)
