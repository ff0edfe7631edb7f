import ctypes
ctypes.CDLL(None).puts(b"C first in the program, last in the output?")
print("Python's buffer")
