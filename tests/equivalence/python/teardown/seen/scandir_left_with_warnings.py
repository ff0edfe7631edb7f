import os
import warnings

warnings.simplefilter("always")
os.makedirs("/tmp/d/e", exist_ok=True)
os.makedirs("/tmp/d/f", exist_ok=True)
kept = os.scandir("/tmp/d")
next(kept)
print("last line")
