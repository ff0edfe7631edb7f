# equiv: {"stdin": "x y\nz"}
import sys
print(repr(sys.stdin.read()), repr(sys.stdin.read()), repr(sys.stdin.readline()))
try:
    input()
except EOFError as e:
    print("EOF", e)
