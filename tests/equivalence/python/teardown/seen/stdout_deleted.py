import sys

print("first")
del sys.stdout
