import random
r = random.SystemRandom()
print(0 <= r.random() < 1, r.randint(3, 3))
try:
    r.getstate()
except NotImplementedError as e:
    print(e)
