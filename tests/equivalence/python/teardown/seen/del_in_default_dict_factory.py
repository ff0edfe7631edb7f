from collections import defaultdict, deque
from functools import partial


class Ends:
    def __del__(self):
        print("end")

    def __call__(self):
        return 0


kept = defaultdict(Ends())
queue = deque([partial(print, Ends())])
print(kept[1], len(queue))
