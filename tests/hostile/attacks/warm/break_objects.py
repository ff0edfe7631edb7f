# SPDX-License-Identifier: Apache-2.0
# attack: writes over objects that every program shares with the process that it was forked from
# layer: runner
# verdict: accepted|runtime_error
# prints: broken
# mode: stream
# times: 2
import ctypes
import gc
import os

os.write(1, b"broken\n")
for n in range(2, 250):  # the small integers: 7 and 8 are 9 from now on
    ctypes.c_uint32.from_address(id(n) + 24).value = 9
for o in gc.get_objects():
    if isinstance(o, dict):
        o.clear()
    elif isinstance(o, list):
        del o[:]
gc.collect()
os._exit(0)
