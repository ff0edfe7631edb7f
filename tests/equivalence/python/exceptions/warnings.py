import warnings
warnings.warn("visible")
warnings.warn("deprecated in main", DeprecationWarning)
def f(): warnings.warn("stacklevel", UserWarning, stacklevel=2)
f()
f()
print(warnings.filters)
x = "\d"
