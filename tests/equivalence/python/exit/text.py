import sys
print("first")
sys.exit("said on stderr é")
