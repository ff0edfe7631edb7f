# Each import adds what it adds in a fresh interpreter, in that order.
import sys
seen = set(sys.modules)
for name in ("string re collections functools enum random heapq bisect datetime time operator copy typing contextlib "
             "struct array json decimal fractions statistics dataclasses traceback textwrap numbers itertools math "
             "cmath types collections.abc io abc os").split():
    __import__(name)
    new = [n for n in sys.modules if n not in seen]
    seen.update(new)
    print(name, new)
