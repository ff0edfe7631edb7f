for round in range(5):
    x = [bytearray(1000) for _ in range(20000)]
    y = [(i,) for i in range(100000)]
    del x, y
print("done")
