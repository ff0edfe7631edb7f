def f():
    try:
        {}["k"]
    except KeyError as e:
        raise ValueError("translated") from e
try:
    f()
except ValueError:
    raise TypeError("while handling")
