# equiv: {"files": [{"name": "setup.py", "content": ""}]}
import os
os.mkdir("json")
with open("json/__init__.py", "w") as f:
    f.write("def dumps(x): return 'mine'\n")
import json
print(json.dumps({}), json.__file__, json.__path__)
