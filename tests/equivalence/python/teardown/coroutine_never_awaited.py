async def f(): pass
f()
c = f()
print("end")
