import subprocess
p = subprocess.Popen(["/bin/sleep", "3"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print("the box ends it")
import warnings; warnings.simplefilter("ignore")
