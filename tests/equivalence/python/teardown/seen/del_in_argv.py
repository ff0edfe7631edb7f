import sys


class Ends:
    def __del__(self):
        sys.__stdout__.write("end\n") if sys.__stdout__ else None


sys.argv.append(sys.argv)
sys.argv.append(Ends())
print(sys.argv[0], len(sys.argv))
