# equiv: {"stdin": "one\ntwo\n"}
print(open("/dev/stdin").read())
print(open(0, closefd=False).read())
