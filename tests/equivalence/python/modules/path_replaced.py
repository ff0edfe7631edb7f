import sys
sys.path = ["/usr/lib/python3.11"]
import json, bisect
print(json.dumps([1]), bisect.__file__)
try:
    import _json
except ImportError as e:
    print(e)
