import gc


class Ends:
    def __del__(self):
        print("end")


kept = [Ends()]
gc.freeze()
print("last line")
