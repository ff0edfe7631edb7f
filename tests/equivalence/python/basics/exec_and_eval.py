ns = {}
exec("def f(x):\n    return x + y\ny = 5", ns)
print(ns["f"](3), eval("a * 2", {"a": 21}), sorted(k for k in ns if k != "__builtins__"))
code = compile("1 +\\\n 2", "there", "eval")
print(eval(code), code.co_filename, code.co_name)
try:
    exec("x = = 1")
except SyntaxError as e:
    print(e, e.filename, e.lineno, e.offset, e.text)
