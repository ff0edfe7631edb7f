# equiv: {"stdin": "5 6\n1 2 4\n1 3 1\n3 2 2\n2 4 5\n3 4 8\n4 5 3\n"}
import sys, heapq
def main():
    data = sys.stdin.buffer.read().split(); n, m = int(data[0]), int(data[1])
    g = [[] for _ in range(n + 1)]
    for i in range(m):
        a, b, w = map(int, data[2 + 3 * i:5 + 3 * i]); g[a].append((b, w)); g[b].append((a, w))
    d = [float("inf")] * (n + 1); d[1] = 0; h = [(0, 1)]
    while h:
        c, u = heapq.heappop(h)
        if c > d[u]: continue
        for v, w in g[u]:
            if c + w < d[v]: d[v] = c + w; heapq.heappush(h, (d[v], v))
    print(*d[1:])
main()
