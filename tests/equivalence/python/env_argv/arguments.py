# equiv: {"args": ["one", "two words", "", "--flag=é", "-c", "-", "\\back"]}
import sys
print(sys.argv, sys.orig_argv, len(sys.argv))
