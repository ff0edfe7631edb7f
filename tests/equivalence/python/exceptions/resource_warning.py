import warnings
warnings.simplefilter("always")
open("main.py")
import gc; gc.collect()
print("done")
