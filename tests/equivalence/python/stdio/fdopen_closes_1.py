import os
w = os.fdopen(1, "w")
w.write("closing\n")
w.close()
print("lost")
