import os
print("never seen")
os._exit(4)
