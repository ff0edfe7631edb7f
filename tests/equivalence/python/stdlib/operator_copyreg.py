import operator, copyreg
print(operator.itemgetter(1, 2)("abc"), operator.attrgetter("real")(3), operator.methodcaller("upper")("a"))
class A: pass
copyreg.pickle(A, lambda a: (A, ()))
print(copyreg.dispatch_table[A](A())[1], complex in copyreg.dispatch_table)
