import asyncio, socket
async def main():
    a, b = socket.socketpair()
    r, w = await asyncio.open_connection(sock=a)
    b.sendall(b"line\n"); b.close()
    print(await r.readline(), await r.read())
    w.close()
asyncio.run(main())
