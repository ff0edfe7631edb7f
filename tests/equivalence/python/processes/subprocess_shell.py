import subprocess
print(subprocess.check_output("echo $0; pwd; ls", shell=True, text=True))
print(subprocess.run(["/bin/cat"], input=b"through cat", capture_output=True).stdout, subprocess.call(["/bin/false"]))
