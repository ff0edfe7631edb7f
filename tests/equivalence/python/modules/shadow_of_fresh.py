# equiv: {"files": [{"name": "os.py", "content": "print('never loaded')\n"}, {"name": "io.py", "content": "1/0\n"}]}
import os, io
print(os, io.__name__)
