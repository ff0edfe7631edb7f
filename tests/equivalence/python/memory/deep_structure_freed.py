x = None
for i in range(500_000):
    x = [x]
del x
print("freed")
