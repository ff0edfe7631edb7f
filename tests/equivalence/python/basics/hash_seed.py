print(hash("kodewar"), hash(b"x"), hash((1, "a", 2.5)), hash(None) != 0)
print({"apple", "pear", "plum", "fig", "kiwi"}, frozenset("abcdefgh"))
