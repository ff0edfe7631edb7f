import os
os.makedirs("pkg/sub")
open("pkg/__init__.py", "w").write("print('pkg', __name__, __path__)\nfrom . import a\n")
open("pkg/a.py", "w").write("from .sub import b\nval = b.val + 1\n")
open("pkg/sub/__init__.py", "w").write("")
open("pkg/sub/b.py", "w").write("val = 41\nfrom .. import a as me\nprint('partially', hasattr(me, 'val'))\n")
import pkg
print(pkg.a.val, pkg.sub.b.__package__, pkg.__spec__.name)
