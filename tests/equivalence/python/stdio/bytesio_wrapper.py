# equiv: {"stdin": "5\n1 2 3 4 5\n"}
# A common idiom for speed.
import sys, io, os
input = io.BytesIO(os.read(0, os.fstat(0).st_size)).readline
out = io.BytesIO()
sys.stdout = io.TextIOWrapper(out, write_through=True)
n = int(input())
print(sum(map(int, input().split())))
os.write(1, out.getvalue())
