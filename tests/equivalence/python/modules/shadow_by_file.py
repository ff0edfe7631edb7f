# equiv: {"files": [{"name": "random.py", "content": "print('my random')\nseed = 4\n"}]}
import random
print(random.seed, random.__file__)
