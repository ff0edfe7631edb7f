class Ends:
    def __del__(self):
        print("end")


def make():
    kept = Ends()

    def f(n=[]):
        return kept, n

    return f


f = make()
g = lambda x=Ends(): x
print("last line")
