# equiv: {"files": [{"name": "data.txt", "content": "1\n2\n3\n"}, {"name": "bin.dat", "content": "AAEC/w==", "encoding": "base64"}]}
print(sum(map(int, open("data.txt"))), open("bin.dat", "rb").read())
