import contextlib


@contextlib.contextmanager
def entered():
    print("in")
    try:
        yield
    finally:
        print("out")


kept = entered()
kept.__enter__()
print("last line")
