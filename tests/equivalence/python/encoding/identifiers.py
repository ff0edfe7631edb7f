größe = 3
名前 = "x"
ﬁ = 2
print(größe, 名前, fi, [n for n in dir() if not n.startswith("__")])
