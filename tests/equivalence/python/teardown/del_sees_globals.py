import os, sys
text = "global"
class A:
    def __del__(self):
        print(text, os, sys.is_finalizing(), __name__)
a = A()
