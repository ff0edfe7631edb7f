def outer():
    def numbers():
        with Context():
            yield 1
    g = numbers()
    next(g)
    return lambda: g


class Context:
    def __enter__(self):
        print("enter")

    def __exit__(self, *args):
        print("exit", args[0])


kept = outer()
print("last line")
