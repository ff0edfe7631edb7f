f = open(1, "w", closefd=False)
f.write("flushed by its end\n")
class Keep: pass
k = Keep(); k.f = f; k.me = k
