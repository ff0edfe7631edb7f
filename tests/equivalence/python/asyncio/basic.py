import asyncio
async def f(i, base):
    loop = asyncio.get_running_loop()
    due = loop.create_future()
    loop.call_at(base + 0.001 * (3 - i), due.set_result, i)  # of one base, so that a busy host changes no order
    print("task", await due)
    return i
async def main():
    await asyncio.sleep(0.001)
    base = asyncio.get_running_loop().time()
    print(await asyncio.gather(*(f(i, base) for i in range(3))))
asyncio.run(main())
