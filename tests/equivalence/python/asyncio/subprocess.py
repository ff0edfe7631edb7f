import asyncio
async def main():
    p = await asyncio.create_subprocess_exec("/bin/cat", stdin=-1, stdout=-1)
    print(await p.communicate(b"async cat"), p.returncode)
asyncio.run(main())
