import mmap
with open("m", "w+b") as f:
    f.write(b"x" * 5000); f.flush()
    m = mmap.mmap(f.fileno(), 0)
    m[10:13] = b"abc"
    print(m.find(b"abc"), len(m), m[9:14])
    m.close()
print(open("m", "rb").read()[9:14])
