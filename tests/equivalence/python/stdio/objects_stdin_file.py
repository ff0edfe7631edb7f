# equiv: {"stdin": "abc\ndef\nghi\n"}
import sys
f = sys.stdin
print(repr(f), f.seekable(), f.buffer.raw, f.tell(), f.readline(), f.tell(), f.seek(0), f.readline(), f.buffer.seekable(), f.line_buffering)
print(sys.stdin.buffer.raw.name, sys.stdin.buffer.name, sys.stdin._CHUNK_SIZE)
