# What stands in __main__ before the first line.
for name, value in sorted(globals().copy().items()):
    print(name, type(value).__name__, value if name not in ("__builtins__", "__loader__") else "")
print(__loader__.name, __loader__.path, __loader__.is_package("__main__"))
print(__builtins__.__name__, __spec__, __package__, __cached__, __doc__)
