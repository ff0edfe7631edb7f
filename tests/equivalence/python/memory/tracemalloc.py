import tracemalloc
print(tracemalloc.is_tracing())
tracemalloc.start()
x = [bytes(1000) for _ in range(100)]
s = tracemalloc.take_snapshot().statistics("lineno")[0]
print(s.traceback[0].filename, s.traceback[0].lineno, s.count >= 100)
tracemalloc.stop()
