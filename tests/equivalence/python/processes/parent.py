# equiv: {"differs": {"stdout": "the parent of a forked program is outside its box"}}
import os
print(os.getppid())
