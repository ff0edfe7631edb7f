import asyncio
async def main():
    q = asyncio.Queue()
    async def p():
        for i in range(3): await q.put(i); await asyncio.sleep(0)
        await q.put(None)
    t = asyncio.create_task(p())
    while (x := await q.get()) is not None: print(x)
    try:
        async with asyncio.timeout(0.01): await asyncio.sleep(5)
    except TimeoutError: print("timeout")
    async with asyncio.TaskGroup() as g: g.create_task(asyncio.sleep(0))
asyncio.run(main())
