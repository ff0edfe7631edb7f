import sys
print("first")
b = sys.stdout.detach()
b.write(b"detached\n")
b.flush()
