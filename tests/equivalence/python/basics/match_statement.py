def f(x):
    match x:
        case 0 | 1: return "small"
        case [a, *rest] if rest: return f"list {a} {rest}"
        case {"k": v, **others}: return f"map {v} {others}"
        case str(s): return f"str {s}"
        case int() as n: return f"int {n}"
        case _: return "other"
for x in (0, [1, 2, 3], {"k": 1, "z": 2}, "s", 42, 2.5, [1]):
    print(f(x))
