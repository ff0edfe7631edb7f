import io


class Loud(io.StringIO):
    def close(self):
        print("closed")
        super().close()


kept = [Loud("x")]
print("last line")
