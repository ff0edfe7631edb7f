# equiv: {"differs": {"plain": "the host's own sitecustomize and /usr/local"}}
# Modules that are loaded ahead must not show.
import sys
print(list(sys.modules))
