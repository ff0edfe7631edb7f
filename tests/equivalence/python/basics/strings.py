s = "Grüße, 世界 🎉"
print(s, len(s), s.upper(), s.encode(), s[::-1], s.casefold(), s.title())
print("%5.2f|%-6s|%+d|%x|%r|%c" % (3.14159, "ab", 5, 255, "q'", 65))
print(f"{3.14159:>10.3f}|{'x':*^7}|{1234567:,}|{255:#x}|{0.25:%}|{s!a}|{{}}|{1e10:g}|{-3: d}")
print("a,b,,c".split(","), " x y ".split(), "abc".partition("b"), "l1\nl2\r\nl3".splitlines(True), "x".join("abc"))
print("abc".translate({97: "A", 98: None}), "a\tb".expandtabs(4), "x".isidentifier(), "²".isdigit(), "½".isnumeric())
