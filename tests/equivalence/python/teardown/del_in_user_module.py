# equiv: {"files": [{"name": "helper.py", "content": "class A:\n    def __init__(self, n): self.n = n\n    def __del__(self): print('del', self.n)\na = A('in helper')\n"}]}
import helper
b = helper.A("in main")
print("end")
