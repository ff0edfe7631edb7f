# equiv: {"differs": {"stdout": "classes of modules that are loaded ahead are there"}}
print(len(object.__subclasses__()))
