def f():
    raise ExceptionGroup("all of it", [ValueError("one"), OSError(2, "No such file")])
f()
