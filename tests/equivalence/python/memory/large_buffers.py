b = bytearray(50 << 20)
b[::4096] = b"x" * len(b[::4096])
print(len(b), sum(b[:8192]))
m = memoryview(b)[100:200]
print(m.nbytes, m.tolist()[:3])
