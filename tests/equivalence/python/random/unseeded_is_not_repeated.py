# The state of a fresh generator: 625 numbers, and never those of the zygote (see test_fresh.py).
import random
state = random.getstate()
print(state[0], len(state[1]), state[1][-1], state[2], random.random() != random.random(), 0 <= random.random() < 1)
