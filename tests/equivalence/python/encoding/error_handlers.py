import codecs
for h in ("strict", "ignore", "replace", "xmlcharrefreplace", "backslashreplace", "namereplace", "surrogateescape"):
    try:
        print(h, "aé世".encode("ascii", h))
    except UnicodeEncodeError as e:
        print(h, e)
print(b"\xff\xfe".decode("utf-8", "surrogateescape").encode("utf-8", "surrogateescape"), codecs.lookup("UTF8").name)
