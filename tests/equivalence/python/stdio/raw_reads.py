# equiv: {"stdin": "hello world, this is read by number\n"}
import os
print(os.read(0, 5), os.read(0, 100), os.read(0, 100))
os.write(1, b"straight\n")
os.write(2, b"to both\n")
