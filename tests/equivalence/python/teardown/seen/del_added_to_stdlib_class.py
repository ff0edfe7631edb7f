import fractions
from collections import UserList


def ends(self):
    print("end of", type(self).__name__)


UserList.__del__ = ends
setattr(fractions.Fraction, "".join(["__d", "el__"]), ends)
kept = [UserList([1]), fractions.Fraction(1, 2)]
print("last line")
