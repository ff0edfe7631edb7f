# equiv: {"differs": {"stdout": "numbers of processes are counted on"}}
import os
print(os.getpid())
