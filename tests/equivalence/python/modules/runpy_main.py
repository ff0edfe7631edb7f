# equiv: {"files": [{"name": "other.py", "content": "import sys\nprint(__name__, __file__, sys.argv)\n"}]}
import runpy
print(sorted(k for k in runpy.run_path("other.py", run_name="__main__") if not k.startswith("__")))
runpy.run_module("other", run_name="x")
