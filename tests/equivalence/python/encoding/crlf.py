x = 1
if x:
    print("crlf", """a
b""".encode())
print(y)
