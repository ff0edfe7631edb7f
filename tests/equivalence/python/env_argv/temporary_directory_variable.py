# equiv: {"env": {"TMPDIR": "/dev/shm"}, "differs": {"plain": "no filter and no limit holds a plain process"}}
import tempfile
print(tempfile.gettempdir())
