# equiv: {"limits": {"memory_kb": 65536}}
try:
    x = bytearray(1 << 46)
except MemoryError as e:
    print("MemoryError", e)
try:
    [0] * (1 << 60)
except MemoryError as e:
    print("MemoryError", e)
