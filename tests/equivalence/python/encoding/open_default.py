with open("f", "w") as f:
    f.write("żółć")
print(open("f", "rb").read(), open("f").encoding)
open("g", "wb").write(b"\xff")
try:
    open("g").read()
except UnicodeDecodeError as e:
    print(e)
