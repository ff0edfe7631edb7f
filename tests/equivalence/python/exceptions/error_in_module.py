# equiv: {"files": [{"name": "broken.py", "content": "x = 1\ny = x / 0\n"}]}
from broken import y
