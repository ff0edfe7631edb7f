# equiv: {"stdin": "the cat and the dog and the bird\nThe end\n"}
import sys, collections, re
c = collections.Counter(re.findall(r"\w+", sys.stdin.read().lower()))
for w, n in sorted(c.items(), key=lambda x: (-x[1], x[0])): print(f"{w:<6}{n:>3}")
