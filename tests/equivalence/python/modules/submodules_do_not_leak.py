import collections, importlib, json, os, xml, concurrent
for m, sub in ((collections, "abc"), (importlib, "util"), (importlib, "machinery"), (xml, "etree"), (concurrent, "futures"), (json, "tool"), (json, "decoder")):
    print(m.__name__, sub, hasattr(m, sub))
