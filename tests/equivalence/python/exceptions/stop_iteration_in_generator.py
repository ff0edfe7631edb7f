def g():
    yield 1
    raise StopIteration("early")
for x in g():
    print(x)
