import sys, json
first = json
json.mark = 1
del sys.modules["json"]
import json
print(json is first, hasattr(json, "mark"), json.decoder is first.decoder)
for n in [n for n in sys.modules if n.startswith("json")]:
    del sys.modules[n]
import json
print(json.decoder is first.decoder, json.dumps([1]))
