class Meta(type):
    def __del__(cls):
        print("end of a class")


class Made(metaclass=Meta):
    pass


print("last line")
