import weakref


class Thing:
    pass


thing = Thing()
kept = [(weakref.ref(thing, lambda r: print("gone")),)]
print("last line")
