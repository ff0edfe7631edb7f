# SPDX-License-Identifier: Apache-2.0
# attack: writes over all memory that it has, the interpreter's code with it, as far as it gets
# layer: runner
# verdict: runtime_error
# error: ended by signal SIG(ILL|SEGV|BUS|TRAP)
# prints: broken
# mode: stream
# times: 2
# limits: {"memory_kb": 262144, "cpu_ms": 5000, "wall_ms": 10000}
from search import *
import ctypes
import os

os.write(1, b"broken\n")
libc = ctypes.CDLL(None)
libc.mprotect.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
libc.memset.argtypes = ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t
last = [r for r in regions() if "libc" in r[2] or "ffi" in r[2] or "ctypes" in r[2] or "ld-linux" in r[2]]
for first, behind, _ in [r for r in regions() if r not in last] + last:
    if libc.mprotect(first, behind - first, 7) == 0:
        libc.memset(first, 0xCC, behind - first)
os.write(1, b"BREACH nothing was written\n")
