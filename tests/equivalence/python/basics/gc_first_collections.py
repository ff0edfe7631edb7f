# equiv: {"differs": {"plain": "the host's own sitecustomize and /usr/local"}}
# Garbage that is collected by counting comes at nearly the same allocation.
class Node:
    made = died = 0
    def __init__(self):
        Node.made += 1
        self.me = self
    def __del__(self):
        Node.died += 1
        if Node.died in (1, 100, 500, 1000):
            print("died", Node.died, "made", Node.made // 100)
for i in range(5000):
    Node()
import gc
print(Node.died // 100, Node.made)
print(gc.get_stats()[0]["collections"] > 0, gc.collect() >= 0, Node.died)
