import os, subprocess, ctypes
os.environ["NEW"] = "1"
del os.environ["LANG"]
os.putenv("PUT", "2")
print(subprocess.check_output(["/bin/sh", "-c", "echo $NEW $LANG $PUT"]).decode(), "PUT" in os.environ)
getenv = ctypes.CDLL(None).getenv
getenv.restype = ctypes.c_char_p
print(getenv(b"NEW"), getenv(b"LANG"), getenv(b"HOME"))
os.unsetenv("HOME")
print(getenv(b"HOME"), os.environ["HOME"])
