import contextlib, io
@contextlib.contextmanager
def m(x):
    print("in", x)
    try: yield x
    finally: print("out", x)
with contextlib.ExitStack() as s:
    s.enter_context(m(1)); s.enter_context(m(2)); s.callback(print, "callback")
with contextlib.suppress(KeyError), contextlib.redirect_stdout(io.StringIO()) as o:
    print("hidden"); {}[1]
print(repr(o.getvalue()))
