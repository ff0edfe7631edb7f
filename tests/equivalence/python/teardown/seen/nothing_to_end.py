# Many objects, of which none can be seen to end.
class Node:
    def __init__(self, value, next):
        self.value, self.next = value, next


head = None
for i in range(50000):
    head = Node(i, head)
ring = [head]
ring.append(ring)
finished = (x for x in ())
print(sum(1 for _ in finished), head.value)
