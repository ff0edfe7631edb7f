for i in range(20000):
    print(i * i, "x" * (i % 37))
