import sys
try:
    sys.exit(1)
except SystemExit as e:
    print("caught", e.code, repr(e))
print("goes on")
