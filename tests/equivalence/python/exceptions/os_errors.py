import os
for f in (lambda: open("/nope"), lambda: os.listdir("main.py"), lambda: open("."), lambda: os.kill(999999, 0), lambda: os.mkdir("main.py")):
    try:
        f()
    except OSError as e:
        print(type(e).__name__, e.errno, e.strerror, e.filename)
