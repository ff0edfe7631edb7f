# equiv: {"stdin": "bytes é\n"}
import sys
data = sys.stdin.buffer.read()
sys.stdout.buffer.write(data[::-1])
sys.stdout.buffer.write(bytes(range(256)))
sys.stdout.flush()
