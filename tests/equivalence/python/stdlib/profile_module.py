import cProfile, pstats, io
p = cProfile.Profile(); p.enable(); sorted(range(100)); p.disable()
s = io.StringIO(); pstats.Stats(p, stream=s).print_stats()
print("sorted" in s.getvalue())
