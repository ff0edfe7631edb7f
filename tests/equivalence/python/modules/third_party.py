import importlib.util
for n in ("yaml", "six", "numpy", "requests", "setuptools", "pip"):
    s = importlib.util.find_spec(n)
    print(n, s and s.origin)
