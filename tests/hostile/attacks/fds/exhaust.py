# SPDX-License-Identifier: Apache-2.0
# attack: takes every descriptor that there is
# layer: rlimits
# verdict: accepted
# prints: contained
# limits: {"open_files": 64}
from probe import *

held = []
try:
    while len(held) < 5000:
        held.append(os.open("/dev/null", os.O_RDONLY))
    breach("5000 descriptors where 64 are allowed")
except OSError as e:
    if e.errno != E.EMFILE or len(held) > 61:
        odd(f"{e} after {len(held)}")
os.closerange(held[0], held[0] + 61)
done()
