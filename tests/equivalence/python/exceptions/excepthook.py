import sys
def hook(t, v, tb):
    sys.stdout.write(f"hook {t.__name__} {v} {tb.tb_lineno}\n")
sys.excepthook = hook
raise ValueError("seen by the hook")
