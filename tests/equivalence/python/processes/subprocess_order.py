import subprocess, sys
print("before")
sys.stdout.flush()
subprocess.run(["/bin/echo", "child"])
print("after")
