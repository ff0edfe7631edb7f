# equiv: {"differs": {"plain": "the host's own sitecustomize and /usr/local"}}
import sys
print(sys.path)
print(sys.executable, sys._base_executable, sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix)
print(sys.platlibdir, sys._home, sys._stdlib_dir)
