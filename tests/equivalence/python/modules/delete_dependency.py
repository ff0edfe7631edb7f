import sys, collections
first = collections
del sys.modules["collections"]
import json, typing
print(typing.OrderedDict, sys.modules["collections"] is first)
