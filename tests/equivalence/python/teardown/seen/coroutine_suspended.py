import types


@types.coroutine
def wait():
    yield 1


async def f():
    try:
        await wait()
    finally:
        print("closed")


kept = [f()]
print(kept[0].send(None))
