import sys, zipfile
with zipfile.ZipFile("z.zip", "w") as z:
    z.writestr("textwrap.py", "who = 'zip'\n")
    z.writestr("inzip.py", "who = 'inzip'\nprint(__file__, __loader__.__class__.__name__)\n")
sys.path.insert(0, "z.zip")
import textwrap, inzip
print(textwrap.who)
