import pickle, copy
class A:
    def __init__(self): self.x = [1]
a = A(); b = pickle.loads(pickle.dumps(a)); c = copy.deepcopy(a)
print(b.x, c.x is a.x, b.__class__ is A, pickle.dumps({"a": (1, 2)}), copy.copy(a).x is a.x)
