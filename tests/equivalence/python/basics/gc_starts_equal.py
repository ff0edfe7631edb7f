# equiv: {"differs": {"plain": "the host's own sitecustomize and /usr/local"}}
import gc
a = gc.get_count()
print(a[0], a)
