class Mine(Exception):
    def __str__(self): return f"mine {self.args}"
    def __repr__(self): return "repr of mine"
class Nested:
    class Inner(Exception): pass
try:
    raise Nested.Inner("a")
except Exception as e:
    print(type(e), e)
raise Mine(1, 2)
