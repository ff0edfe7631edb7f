# equiv: {"stdin": "rest\n"}
import atexit, sys
atexit.register(lambda: print(sys.stdin.closed))
exit(1)
