import json
class Loud:
    def __call__(self, x): return "loud"
    def __del__(self): print("gone")
json.dumps = Loud()
print(json.dumps({}))
