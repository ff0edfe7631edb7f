try:
    raise ExceptionGroup("many", [ValueError(1), TypeError("two"), ExceptionGroup("in", [KeyError("k")])])
except* ValueError as g:
    print("values", g.exceptions)
