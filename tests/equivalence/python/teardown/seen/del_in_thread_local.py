import threading


class Ends:
    def __del__(self):
        print("end")


local = threading.local()
local.kept = Ends()
print("last line")
