# equiv: {"differs": {"stdout": "the image is that of the zygote"}}
import os
print(os.readlink("/proc/self/exe"), open("/proc/self/cmdline").read().split("\0"), len(open("/proc/self/environ").read()))
