import threading
def f():
    n = 0
    while True: n += 1
for _ in range(3):
    threading.Thread(target=f, daemon=True).start()
print("ends at once")
