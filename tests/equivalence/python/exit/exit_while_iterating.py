def g():
    try:
        for i in range(10):
            yield i
    finally:
        print("cleaned")
for v in g():
    if v == 3:
        raise SystemExit(6)
