import sys
def f(n):
    try:
        if n == 0:
            sys.exit("deep")
        f(n - 1)
    finally:
        print("unwound", n)
f(3)
