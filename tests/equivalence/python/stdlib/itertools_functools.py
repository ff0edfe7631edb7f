import itertools as it, functools as ft
print(list(it.permutations("abc", 2)), list(it.accumulate([1, 2, 3])), list(it.islice(it.count(5), 3)), list(it.groupby("aabc"))[0][0], list(it.pairwise("abc")))
@ft.lru_cache(None)
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(100), fib.cache_info(), ft.reduce(lambda a, b: a * b, range(1, 6)), ft.partial(int, base=2)("101"))
