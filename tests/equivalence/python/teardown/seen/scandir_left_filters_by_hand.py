import _warnings
import os

_warnings.filters.insert(0, ("always", None, ResourceWarning, None, 0))
os.makedirs("/tmp/d/e", exist_ok=True)
os.makedirs("/tmp/d/f", exist_ok=True)
kept = os.scandir("/tmp/d")
next(kept)
print("last line")
