try:
    eval("(" * 300 + ")" * 300)
except (SyntaxError, MemoryError) as e:
    print(type(e).__name__, e)
try:
    eval("-" * 50000 + "1")
except (RecursionError, MemoryError) as e:
    print(type(e).__name__, e)
