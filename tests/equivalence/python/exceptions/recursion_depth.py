# How deep it goes is the same to the last frame.
deep = 0
def f():
    global deep
    deep += 1
    f()
try:
    f()
except RecursionError:
    print(deep)
class R:
    def __repr__(self): 
        global deep
        deep += 1
        return repr([self])
deep = 0
try:
    repr(R())
except RecursionError as e:
    print(deep, e)
