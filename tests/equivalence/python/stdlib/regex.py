import re
print(re.findall(r"(\w+)@(\w+)\.com", "a@b.com, cc@dd.com"), re.sub(r"(?P<n>\d+)", lambda m: str(int(m["n"]) * 2), "a1b22"), re.split(r"[,;]\s*", "a, b;c"))
print(re.match(r"(a+)+$", "a" * 20 + "a").end(), re.compile("x", re.I | re.M), re.fullmatch(r"\p", "p") if False else "", re.escape("a.b*"))
try:
    re.compile("(")
except re.error as e:
    print(e)
