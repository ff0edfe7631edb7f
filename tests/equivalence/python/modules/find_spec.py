import importlib.util
for n in ("json", "random", "math", "_json", "sys", "os", "collections.abc", "main"):
    s = importlib.util.find_spec(n)
    print(n, s.origin, s.has_location, s.submodule_search_locations, s.cached)
