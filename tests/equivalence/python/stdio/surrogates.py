import sys
print(repr("\udcff"))
try:
    print("\udcff")
except UnicodeEncodeError as e:
    print(e, file=sys.stderr)
