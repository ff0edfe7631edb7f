import importlib, sys
m = importlib.import_module("json.decoder")
print(m.__name__, "json" in sys.modules, importlib.import_module(".encoder", "json").__name__)
import importlib.util
print(importlib.util.find_spec("statistics").origin, importlib.util.find_spec("nothing"))
