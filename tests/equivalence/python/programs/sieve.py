# equiv: {"stdin": "100000\n"}
n = int(input())
s = bytearray([1]) * (n + 1); s[0] = s[1] = 0
for i in range(2, int(n ** .5) + 1):
    if s[i]: s[i * i::i] = bytes(len(s[i * i::i]))
print(sum(s), [i for i in range(50) if s[i]])
