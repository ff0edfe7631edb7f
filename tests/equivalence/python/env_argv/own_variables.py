# equiv: {"env": {"FOO": "bar", "EMPTY": "", "UNI": "żółw", "SPACE": " a b "}}
import os, subprocess
print([os.environ[k] for k in ("FOO", "EMPTY", "UNI", "SPACE")], os.environb[b"UNI"])
print(subprocess.check_output(["/usr/bin/env"]).decode())
