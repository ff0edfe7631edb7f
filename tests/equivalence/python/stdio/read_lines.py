# equiv: {"stdin": "a\nb\r\nc\rd\n\nlast"}
import sys
for i, line in enumerate(sys.stdin):
    print(i, repr(line))
