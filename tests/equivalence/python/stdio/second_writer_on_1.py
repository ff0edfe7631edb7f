import os, sys
w = os.fdopen(1, "w", closefd=False)
w.write("from another object, never closed\n")
