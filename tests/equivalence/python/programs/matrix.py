# equiv: {"stdin": "2 2\n1 2\n3 4\n"}
r, c = map(int, input().split())
m = [list(map(float, input().split())) for _ in range(r)]
print([[sum(a * b for a, b in zip(x, y)) for y in zip(*m)] for x in m], m[0][0] * m[1][1] - m[0][1] * m[1][0])
