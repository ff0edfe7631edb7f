import json, re, random, math, decimal, datetime
for m in (json, re, random, math, decimal, datetime):
    print(m.__name__, m.__file__ if hasattr(m, "__file__") else None, m.__package__, type(m.__loader__).__name__, m.__spec__.origin, m.__spec__._initializing)
