import io
import sys


class Upper(io.TextIOWrapper):
    def close(self):
        self.write("closing\n")
        super().close()


kept = [Upper(io.FileIO(1, "w", closefd=False))]
kept[0].write("text\n")
sys.stdout.flush()
