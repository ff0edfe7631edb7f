# SPDX-License-Identifier: Apache-2.0
# attack: replaces builtins, modules and streams, so that the next program's answers come out wrong
# layer: runner
# verdict: accepted
# prints: broken
# mode: stream
# times: 2
import builtins
import gc
import io
import os
import sys

os.write(1, b"broken\n")
gc.set_threshold(1)
for name in ("print", "int", "input", "open", "len", "pow", "__import__", "__build_class__"):
    setattr(builtins, name, lambda *a, **k: 9)
sys.stdin, sys.stdout, sys.__stdout__ = io.StringIO("9\n"), None, None
needed = (os, gc, sys, builtins, sys.modules["__main__"])
for module in list(sys.modules.values()):
    for name in list(getattr(module, "__dict__", ())) if module not in needed else ():
        module.__dict__[name] = None
sys.modules.clear()
gc.collect()
os._exit(0)
