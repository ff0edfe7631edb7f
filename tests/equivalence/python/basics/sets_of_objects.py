words = "the quick brown fox jumps over the lazy dog and runs away from the angry bear".split()
print(list(set(words)), list(dict.fromkeys(words)), sorted(set(words)))
