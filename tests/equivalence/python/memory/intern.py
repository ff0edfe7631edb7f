import sys
a = "".join(["ab", "c d"]); b = "".join(["ab", "c d"])
print(a is b, sys.intern(a) is sys.intern(b), "name" is "name", 256 is 256)
