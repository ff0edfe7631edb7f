for y in range(-12, 13):
    print("".join(" .:-=+*#%@"[min(9, next((i for i, z in enumerate(__import__("itertools").accumulate(range(30), lambda z, _: z * z + complex(x / 20, y / 10), initial=0)) if abs(z) > 2), 30) // 3)] for x in range(-40, 20)))
