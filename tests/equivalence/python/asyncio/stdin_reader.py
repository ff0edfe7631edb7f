# equiv: {"stdin": "a\nb\n"}
import asyncio, sys
async def main():
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        print(repr(line))
asyncio.run(main())
