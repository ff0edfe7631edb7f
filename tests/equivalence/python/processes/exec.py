import os, sys
print("flushed", flush=True)
os.execv(sys.executable, [sys.executable, "-c", "import sys; print('new image', sys.argv)", "x"])
