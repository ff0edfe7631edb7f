import os
print(os.system("exit 3") >> 8, os.system("kill -9 $$"), os.popen("echo hi").read())
