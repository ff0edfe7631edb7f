import os
print("seen", flush=True)
print("not seen")
os._exit(4)
