# Instances of these are not followed by the collector.
class Plain:
    __slots__ = ()

    def __del__(self):
        print("end of a plain one")


class Number(int):
    __slots__ = ()

    def __del__(self):
        print("end of", int(self))


kept = [Plain(), Number(7)]
pair = (Number(8), "x")
print("last line")
