f = open("out.txt", "w")
f.write("waiting in a buffer")
import atexit, os
atexit.register(lambda: print(os.path.getsize("out.txt")))
