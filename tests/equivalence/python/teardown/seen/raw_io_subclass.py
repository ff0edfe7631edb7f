import io


class Raw(io.RawIOBase):
    def writable(self):
        return True

    def write(self, b):
        print("raw", bytes(b))
        return len(b)


kept = io.BufferedWriter(Raw())
kept.write(b"left in the buffer")
print("last line")
