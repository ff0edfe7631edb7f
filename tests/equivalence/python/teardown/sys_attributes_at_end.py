import sys
class A:
    def __del__(self, sys=sys):
        print(sys.path, sys.argv, sys.meta_path, sys.modules.get("os"), sys.stdout is sys.__stdout__, sys.is_finalizing())
def f(): pass
a = A()
