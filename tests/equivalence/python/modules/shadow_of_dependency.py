# equiv: {"files": [{"name": "enum.py", "content": "class Enum: pass\nprint('my enum')\n"}]}
try:
    import re
    print("re", re)
except Exception as e:
    print(type(e).__name__, e)
