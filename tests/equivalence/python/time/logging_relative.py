import logging, time
before = time.time()
r = logging.LogRecord("n", 10, "p", 1, "m", (), None)
print(0 <= r.relativeCreated < 5000, r.processName, r.threadName, r.process > 0)
