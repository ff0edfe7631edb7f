# equiv: {"differs": {"stdout": "what was loaded before the fork is frozen"}}
import gc
print(gc.get_freeze_count())
