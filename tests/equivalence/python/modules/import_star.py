from math import *
from string import *
from collections import *
print(pi, ascii_letters, OrderedDict(a=1), sorted(n for n in dir() if n[0] != "_"))
