import asyncio
async def g():
    try:
        yield 1
    finally:
        print("closed")
async def main():
    x = g()
    print(await x.__anext__())
asyncio.run(main())
