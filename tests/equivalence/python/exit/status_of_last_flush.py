import sys
class Bad:
    closed = False
    def write(self, s): pass
    def flush(self): raise ValueError("at the end")
sys.stdout = Bad()
sys.exit(3)
