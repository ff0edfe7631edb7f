class Ends:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("end of", self.name)


nest = {"a": [({1: (Ends("tuple in dict in list"),)},)]}
deep = [Ends("deep")]
for _ in range(200):
    deep = [deep]
print("last line")
