import sys, os
os.mkdir("lib")
open("lib/copy.py", "w").write("who = 'lib'\n")
sys.path.insert(0, "lib")
import copy
print(copy.who, copy.__file__)
