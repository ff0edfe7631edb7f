with open("a.txt", "w") as f:
    print("line", 1, file=f)
    f.writelines(["x\n", "y\n"])
with open("a.txt") as f:
    print(f.readlines(), f.name, f.encoding, f.fileno())
import os
print(os.stat("a.txt").st_size, oct(os.stat("a.txt").st_mode), os.stat("main.py").st_size > 0)
