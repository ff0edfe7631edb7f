import asyncio, os, signal
async def main():
    e = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, e.set)
    os.kill(os.getpid(), signal.SIGUSR1)
    await asyncio.wait_for(e.wait(), 5)
    print("signal seen")
asyncio.run(main())
