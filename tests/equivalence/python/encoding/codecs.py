for c in ("utf-8", "utf-16", "utf-32-le", "latin-1", "cp1252", "ascii", "shift_jis", "gb18030", "punycode", "idna", "rot13", "utf-7", "koi8-r"):
    try:
        print(c, "Grüße".encode(c) if c != "rot13" else __import__("codecs").encode("abc", c))
    except Exception as e:
        print(c, type(e).__name__, e)
