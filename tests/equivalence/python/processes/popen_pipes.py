import subprocess
p = subprocess.Popen(["/bin/sh", "-c", "read a; echo got $a; echo err >&2; exit 4"], stdin=-1, stdout=-1, stderr=-1, text=True)
print(p.communicate("hello\n"), p.returncode)
