def gen(n):
    try:
        for i in range(n):
            got = yield i * i
            if got:
                print("got", got)
    finally:
        print("closed")
g = gen(5)
print(next(g), g.send("x"), next(g))
g.close()
print([x for x in range(20) if x % 3 == 0], {x: x ** 2 for x in range(5)}, {x % 3 for x in range(9)}, sum(x for x in range(10)))
def chain():
    r = yield from gen(2)
    return r
print(list(chain()), [*range(3), *"ab"], {**{"a": 1}, "b": 2})
first, *middle, last = range(6)
print(first, middle, last)
