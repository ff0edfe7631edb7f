print(1, 2, sep="", end="|")
print(*[3, 4], sep="\n", end="\n\n")
print(end="x\n")
print("a", None, True, sep=None, end=None)
try:
    print("x", sep=3)
except TypeError as e:
    print(e)
