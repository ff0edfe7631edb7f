async def f():
    try:
        yield 1
    finally:
        print("closed")


kept = f()
try:
    kept.__anext__().send(None)
except StopIteration as e:
    print(e.value)
