import gzip, bz2, lzma, zlib
for m in (gzip, bz2, lzma, zlib):
    d = m.compress(b"abc" * 1000)
    print(m.__name__, len(d) < 200, m.decompress(d)[:6])
