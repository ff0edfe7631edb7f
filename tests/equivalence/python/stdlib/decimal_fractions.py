from decimal import Decimal, getcontext, localcontext
from fractions import Fraction
print(getcontext(), Decimal(1) / 3, Decimal("0.1") + Decimal("0.2"), Fraction(1, 3) + Fraction(1, 6))
with localcontext() as c:
    c.prec = 5
    print(Decimal(2).sqrt())
