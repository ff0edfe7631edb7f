# SPDX-License-Identifier: Apache-2.0
# attack: looks for state of the interpreter that it was forked from, and spoils all of it for the next
# layer: runner
# verdict: accepted
# mode: stream
# times: 3
# as_cold: yes
# exit_code: 0
import atexit
import builtins
import decimal
import gc
import io
import locale
import os
import signal
import sys
import threading
import time
import warnings

me = sys.modules["__main__"]
rows = [
    ("main", sorted(k for k in vars(me) if k.startswith("__")), me.__file__, me.__name__, me.__spec__),
    ("frames", sys._getframe().f_back, sys._getframe().f_code.co_filename, sys._getframe().f_lineno),
    ("argv", sys.argv, sys.orig_argv, sys.path, sys.executable, sys.prefix, sys.warnoptions, sys._xoptions),
    ("flags", sys.flags, sys.dont_write_bytecode, sys.getrecursionlimit(), sys.getswitchinterval()),
    ("hooks", sys.gettrace(), sys.getprofile(), sys.excepthook is sys.__excepthook__,
     sys.displayhook is sys.__displayhook__, [type(f).__name__ for f in sys.meta_path], len(sys.path_hooks)),
    ("streams", [(f.name, f.mode, f.encoding, f.errors, f.line_buffering, f.write_through, f.newlines, f.fileno(),
                  type(f.buffer).__name__, f.isatty()) for f in (sys.stdin, sys.stdout, sys.stderr)]),
    ("signals", [(n, str(signal.getsignal(n))) for n in range(1, 65)], signal.pthread_sigmask(signal.SIG_BLOCK, [])),
    ("threads", [t.name for t in threading.enumerate()], threading.excepthook is threading.__excepthook__),
    ("exit", atexit._ncallbacks()),
    ("gc", gc.isenabled(), gc.get_threshold(), gc.get_debug(), gc.callbacks, gc.garbage),
    ("builtins", sorted(vars(builtins)), len(vars(builtins))),
    ("locale", locale.setlocale(locale.LC_ALL), time.tzname, sys.getfilesystemencoding()),
    ("decimal", decimal.getcontext().prec, decimal.getcontext().traps[decimal.Inexact]),
    ("warnings", warnings.filters, warnings.showwarning.__name__),
    ("hash", hash("a"), hash((1, "b")), hash(b"c"), list({"x", "y", "z", "w"})),
]
for row in rows:
    print(*row)
sys.stdout.flush()

sys.stdout.reconfigure(encoding="latin-1", errors="replace", newline="\r\n", write_through=True)
sys.stderr = io.StringIO()
locale.setlocale(locale.LC_ALL, "C")
decimal.getcontext().prec = 1
gc.set_threshold(1)
gc.set_debug(gc.DEBUG_SAVEALL)
gc.disable()
atexit.register(os._exit, 77)
warnings.simplefilter("error")
os.environ.clear()
threading.excepthook = sys.excepthook = sys.displayhook = print
sys.settrace(lambda *a: None)
sys.setrecursionlimit(50)
sys.setswitchinterval(100)
sys.flags = sys.argv = sys.path = None
sys.meta_path.clear()
sys.path_hooks.clear()
sys.modules.clear()
builtins.print = builtins.int = builtins.input = lambda *a: 7
os._exit(0)
