class Ends:
    __slots__ = ()


kept = Ends()
Ends.__del__ = lambda self: print("end")
print("last line")
