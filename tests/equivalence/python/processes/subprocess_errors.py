import subprocess
try:
    subprocess.run(["/no/such"])
except FileNotFoundError as e:
    print(e)
try:
    subprocess.run(["/bin/false"], check=True)
except subprocess.CalledProcessError as e:
    print(e)
try:
    subprocess.run(["/bin/sleep", "5"], timeout=0.05)
except subprocess.TimeoutExpired as e:
    print(e.cmd)
