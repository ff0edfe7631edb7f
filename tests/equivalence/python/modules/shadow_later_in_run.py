import os
with open("fractions.py", "w") as f:
    f.write("Fraction = 'mine'\n")
from fractions import Fraction
print(Fraction)
import decimal
print(decimal.Decimal(1) / 3)
