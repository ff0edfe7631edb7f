saved = []
class A:
    def __del__(self):
        print("del", len(saved))
        saved.append(self)
a = A()
a = None
print(len(saved))
