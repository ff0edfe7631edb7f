# equiv: {"env": {"HOME": "/tmp"}}
import os, site
print(os.path.expanduser("~/x"), site.getuserbase())
