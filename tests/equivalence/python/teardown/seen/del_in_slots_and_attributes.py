class Ends:
    def __del__(self):
        print("end")


class Holder:
    __slots__ = ("kept",)


holder = Holder()
holder.kept = Ends()


def function():
    pass


function.kept = Ends()
print("last line")
