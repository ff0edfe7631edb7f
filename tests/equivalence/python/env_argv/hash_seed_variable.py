# equiv: {"env": {"PYTHONHASHSEED": "123"}}
print({"apple", "pear", "plum", "fig"}, hash("a"))
