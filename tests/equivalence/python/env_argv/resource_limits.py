import resource
for n in ("NOFILE", "STACK", "FSIZE"):
    print(n, resource.getrlimit(getattr(resource, "RLIMIT_" + n)))
