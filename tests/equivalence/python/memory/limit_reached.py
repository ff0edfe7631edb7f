# equiv: {"limits": {"memory_kb": 65536}}
x = []
while True:
    x.append(bytearray(1 << 20))
