# equiv: {"files": [{"name": "broken.py", "content": "def f()\n    pass\n"}]}
import broken
