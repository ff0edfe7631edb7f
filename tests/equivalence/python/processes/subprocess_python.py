import subprocess, sys
r = subprocess.run([sys.executable, "-c", "import sys; print(sys.argv, sys.path[0], 'json' in sys.modules); sys.exit(3)", "a"], capture_output=True, text=True)
print(r.returncode, r.stdout, r.stderr)
r = subprocess.run([sys.executable, "-"], input="print(1 +\n 2)\nraise KeyError('k')", capture_output=True, text=True)
print(r.returncode, r.stdout, r.stderr)
