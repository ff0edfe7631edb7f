import builtins
print(sorted(dir(builtins)))
print(hasattr(builtins, "_"), builtins.__import__, builtins.open.__module__, exit, quit, copyright)
