# equiv: {"files": [{"name": "bad.txt", "content": "//4=", "encoding": "base64"}]}
import sys, os
fd = os.open("bad.txt", os.O_RDONLY)
os.dup2(fd, 0)
try:
    print(sys.stdin.read())
except UnicodeDecodeError as e:
    print(e)
