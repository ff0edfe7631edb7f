import sys, io
class Loud(io.StringIO):
    def flush(self):
        sys.__stdout__.write("flushed:" + self.getvalue() + "\n")
sys.stdout = Loud()
print("into it")
