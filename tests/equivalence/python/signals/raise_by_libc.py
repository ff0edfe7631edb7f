import ctypes
ctypes.CDLL(None).raise_(10) if hasattr(ctypes.CDLL(None), "raise_") else getattr(ctypes.CDLL(None), "raise")(10)
