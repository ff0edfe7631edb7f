import sys

b = sys.stdout.detach()
b.write(b"bytes that nobody flushed\n")
