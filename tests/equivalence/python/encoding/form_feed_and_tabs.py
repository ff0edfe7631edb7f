if True:
	print("tab")
print("form feed")
