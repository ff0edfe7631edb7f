"""The module's own text."""
x: int = 3
y: "str"
print(__doc__, __annotations__)
z: float
print(__annotations__, __name__)
