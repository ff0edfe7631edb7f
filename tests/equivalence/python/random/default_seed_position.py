import random
print(random.getstate()[1][-1], random.getstate()[2])
random.random()
print(random.getstate()[1][-1])
