import asyncio, gc
async def bad(): raise ValueError("nobody asks")
async def main():
    asyncio.create_task(bad())
    await asyncio.sleep(0)
    gc.collect()
asyncio.run(main(), debug=False)
