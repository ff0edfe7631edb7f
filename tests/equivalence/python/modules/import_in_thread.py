import threading
def f(): 
    import statistics, json
    print(statistics.mean([1, 2, 3]), json.dumps(1))
ts = [threading.Thread(target=f) for _ in range(1)]
[t.start() for t in ts]; [t.join() for t in ts]
