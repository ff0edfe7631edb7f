import traceback, sys
def g(): raise LookupError("inside")
try:
    g()
except LookupError:
    traceback.print_exc()
    print(traceback.format_exc())
    for f in traceback.extract_tb(sys.exc_info()[2]):
        print(f.filename, f.lineno, f.name, f.line, f.colno, f.end_colno)
traceback.print_stack()
