# equiv: {"env": {"TZ": "America/New_York"}}
import time
print(time.tzname, time.localtime(0)[:5])
