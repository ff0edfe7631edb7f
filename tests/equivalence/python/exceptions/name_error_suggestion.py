apple = 1
print(appel)
