import heapq, bisect, random
random.seed(7)
h = []
for _ in range(10): heapq.heappush(h, random.randrange(100))
print([heapq.heappop(h) for _ in range(10)], heapq.nlargest(3, range(50)), bisect.insort([1, 3], 2), list(heapq.merge([1, 4], [2, 3])))
