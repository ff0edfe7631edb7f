import ctypes
libc = ctypes.CDLL(None)
print(libc.abs(-5), ctypes.sizeof(ctypes.c_long), ctypes.pythonapi.Py_IsInitialized())
libc.printf(b"from C %d\n", 3)
libc.puts(b"puts waits in C's own buffer")
