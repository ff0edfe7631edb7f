import random
random.seed(42)
print(random.random(), random.randint(1, 100), random.choice("abc"), random.sample(range(100), 5), random.gauss(0, 1))
x = list(range(10)); random.shuffle(x); print(x)
r = random.Random("text"); print(r.random(), r.getrandbits(70), r.choices([1, 2], [1, 9], k=5))
