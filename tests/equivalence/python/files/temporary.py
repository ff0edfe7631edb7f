# equiv: {"differs": {"plain": "a directory of its own, which is not /box"}}
import tempfile, os
print(tempfile.gettempdir())
with tempfile.NamedTemporaryFile("w+", suffix=".x") as f:
    f.write("abc"); f.seek(0)
    print(f.read(), f.name.startswith("/tmp/tmp"), f.name.endswith(".x"))
with tempfile.TemporaryDirectory() as d:
    print(os.listdir(d), oct(os.stat(d).st_mode))
