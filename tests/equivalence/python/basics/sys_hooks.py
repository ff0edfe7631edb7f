import sys
print(sys.excepthook is sys.__excepthook__, sys.displayhook is sys.__displayhook__, sys.unraisablehook is sys.__unraisablehook__)
print(sys.breakpointhook is sys.__breakpointhook__, sys.gettrace(), sys.getprofile(), sys.is_finalizing())
print([f.__name__ if hasattr(f, "__name__") else f for f in sys.meta_path], len(sys.path_hooks))
print(hasattr(sys, "ps1"), hasattr(sys, "last_type"), hasattr(sys, "tracebacklimit"))
