x = list(range(2_000_000))
print(sum(x), len(x))
del x
y = [str(i) for i in range(300_000)]
print(len("".join(y)))
