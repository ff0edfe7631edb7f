# SPDX-License-Identifier: Apache-2.0
# attack: overwrites the interpreter, and the supervisor that started it, through /proc (CVE-2019-5736)
# layer: tree
# verdict: accepted
# prints: contained
from probe import *

WRONG = (E.EROFS, E.EACCES, E.EPERM, E.ETXTBSY, E.ENOENT)
refused("self", lambda: os.open("/proc/self/exe", os.O_WRONLY), *WRONG)
refused("truncate", lambda: os.truncate("/proc/self/exe", 0), *WRONG)
fd = os.open("/proc/self/exe", os.O_PATH)
refused("reopened", lambda: os.open(f"/proc/self/fd/{fd}", os.O_WRONLY), *WRONG)
refused("init", lambda: os.open("/proc/1/exe", os.O_RDONLY), *WRONG)
refused("init, path only", lambda: os.open("/proc/1/exe", os.O_PATH), *WRONG)
done()
