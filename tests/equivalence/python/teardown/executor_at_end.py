import concurrent.futures, threading
said = threading.Event()
e = concurrent.futures.ThreadPoolExecutor(1)
for i in range(4):
    e.submit(lambda i=i: (said.wait(), print("job", i)))
print("main")
said.set()
