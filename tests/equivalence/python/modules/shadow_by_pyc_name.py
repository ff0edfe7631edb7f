# equiv: {"files": [{"name": "heapq.txt", "content": "not a module"}, {"name": "bisect.pyx", "content": "x"}]}
import heapq, bisect
print(heapq.nsmallest(2, [3, 1, 2]), bisect.bisect([1, 2, 3], 2))
