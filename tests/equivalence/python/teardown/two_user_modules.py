# equiv: {"files": [{"name": "one.py", "content": "class A:\n    def __init__(self, n): self.n = n\n    def __del__(self, print=print): print('del', self.n)\nx = A('one')\n"}, {"name": "two.py", "content": "import one\ny = one.A('two')\nz = one.A('two z')\n"}]}
import two, one
m = one.A("main")
