import time
a = time.perf_counter(); b = time.monotonic(); c = time.process_time(); d = time.thread_time()
print(time.perf_counter() >= a, time.monotonic() >= b, 0 <= c < 1, 0 <= d < 1, time.time() > 1.6e9)
for n in ("time", "monotonic", "perf_counter", "process_time", "thread_time"):
    i = time.get_clock_info(n)
    print(n, i.implementation, i.monotonic, i.adjustable, i.resolution)
