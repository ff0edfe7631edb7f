import weakref


class Ref(weakref.ref):
    __slots__ = ("tag",)


class Thing:
    pass


things = [Thing() for _ in range(3)]
refs = []
for i, t in enumerate(things):
    r = Ref(t, lambda r: print("gone", r.tag))
    r.tag = i
    refs.append(r)
print("last line")
