import inspect
class A:
    "doc of A"
    def m(self, x: int = 1) -> str: "doc of m"
print(inspect.getdoc(A.m), inspect.signature(A.m), [n for n, _ in inspect.getmembers(A, inspect.isfunction)], inspect.getmodule(A).__name__, inspect.stack()[0].function)
