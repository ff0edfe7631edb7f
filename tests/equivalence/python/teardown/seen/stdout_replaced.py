import io
import sys

print("first")
sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), "utf-8")
print("second")
sys.stderr = sys.stdout
