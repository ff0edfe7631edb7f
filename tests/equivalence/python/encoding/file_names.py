import os
open("naïve 世.txt", "w").close()
open(b"raw\xff", "w").close()
print(sorted(os.listdir(".")), sorted(os.listdir(b".")), os.fsencode("raw\udcff"))
