import contextlib

stack = contextlib.ExitStack()
stack.callback(print, "never")
print("last line")
