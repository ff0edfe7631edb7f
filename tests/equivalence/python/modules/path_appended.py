import sys, os
os.mkdir("lib")
open("lib/copy.py", "w").write("who = 'lib'\n")
open("lib/mine.py", "w").write("who = 'lib'\n")
sys.path.append("lib")
import copy, mine
print(hasattr(copy, "who"), copy.__file__, mine.who, mine.__file__)
