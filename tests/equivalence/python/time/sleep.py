import time
t = time.monotonic()
time.sleep(0.02)
print(0.02 <= time.monotonic() - t < 2)
