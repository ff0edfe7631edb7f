import sys


def trace(frame, event, arg):
    if frame.f_code.co_name == "f":
        print(event)
    return trace


def f():
    return 1


sys.settrace(trace)
f()
print("last line")
