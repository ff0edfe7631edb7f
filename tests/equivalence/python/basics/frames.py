import sys
def f():
    fr = sys._getframe()
    while fr:
        print(fr.f_code.co_name, fr.f_code.co_filename, fr.f_lineno, fr.f_code.co_firstlineno)
        fr = fr.f_back
f()
