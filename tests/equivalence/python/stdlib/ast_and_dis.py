import ast, dis
print(ast.dump(ast.parse("x = 1 + y")), ast.unparse(ast.parse("f(a,b=2)")), ast.literal_eval("[1, {'a': (2,)}]"))
def f(a): return a + 1
dis.dis(f)
