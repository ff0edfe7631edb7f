import sys
sys.modules["json"] = None
try:
    import json
except ImportError as e:
    print(type(e).__name__, e)
