import sys
seen = set(sys.modules)
for name in "statistics json traceback typing dataclasses random re collections".split():
    __import__(name)
    new = [n for n in sys.modules if n not in seen]
    seen.update(new)
    print(name, new)
