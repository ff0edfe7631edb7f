import importlib, json, random
json.extra = 1
r = importlib.reload(json)
print(r is json, json.extra, json.dumps({"a": 1}))
random.seed(5); a = random.random()
importlib.reload(random)
random.seed(5)
print(a == random.random())
