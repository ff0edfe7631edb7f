import sys, types
fake = types.ModuleType("enum")
fake.Enum = "fake"
sys.modules["enum"] = fake
from enum import Enum
print(Enum)
try:
    import re
except Exception as e:
    print(type(e).__name__, e)
