import asyncio
async def main():
    await asyncio.sleep(0)
    raise ValueError("from a task")
asyncio.run(main())
