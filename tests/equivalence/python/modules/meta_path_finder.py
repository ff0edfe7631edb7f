import sys
class Finder:
    def find_spec(self, name, path, target=None):
        print("asked for", name, path is not None)
sys.meta_path.insert(0, Finder())
import json
print(json.dumps({}))
