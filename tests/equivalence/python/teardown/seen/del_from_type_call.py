# A class without a class statement, under a name that is not interned.
name = "".join(["__d", "el", "__"])
Ends = type("Ends", (), {"__slots__": (), name: lambda self: print("end")})
kept = Ends()
print("last line")
