async def f():
    pass


kept = (f(),)
print("last line")
