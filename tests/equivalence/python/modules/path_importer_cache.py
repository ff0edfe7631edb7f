# equiv: {"files": [{"name": "helper.py", "content": "x = 1\n"}]}
import sys, os
print(sys.path_importer_cache.get(__file__, "absent"))
import helper
print(any(k.endswith("lib-dynload") for k in sys.path_importer_cache), sys.path[0] in sys.path_importer_cache)
