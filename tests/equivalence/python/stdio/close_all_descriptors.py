import os
print("kept", flush=True)
os.closerange(0, 3)
raise ValueError("nobody hears it")
