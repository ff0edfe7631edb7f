# equiv: {"stdin": "0123456789\nabcdef\n"}
import sys, os
print(sys.stdin.buffer.read(3), sys.stdin.buffer.tell(), os.lseek(0, 0, os.SEEK_CUR))
sys.stdin.buffer.seek(11)
print(sys.stdin.readline())
