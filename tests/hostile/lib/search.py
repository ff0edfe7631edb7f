# SPDX-License-Identifier: Apache-2.0
# For attacks that look through their own memory; the runner puts this text in place of `from search import *`.
import re

CHUNK, OVERLAP = 1 << 22, 256


def regions():
    """(first, behind, name) of all that this process may read, but for what is the kernel's own."""
    with open("/proc/self/maps") as maps:
        for line in maps:
            where, access, _, _, _, *name = line.split(None, 5)
            name = name[0].strip() if name else ""
            if access[0] == "r" and name not in ("[vvar]", "[vsyscall]", "[vvar_vclock]"):
                first, behind = (int(x, 16) for x in where.split("-"))
                yield first, behind, name


def found_in_memory(pattern):
    """All that matches a pattern of bytes, in any region; the pattern must not match its own text."""
    found = set()
    rule = re.compile(pattern)
    with open("/proc/self/mem", "rb", buffering=0) as memory:
        for first, behind, _ in regions():
            for at in range(first, behind, CHUNK):
                memory.seek(at)
                try:
                    block = memory.read(min(CHUNK + OVERLAP, behind - at))
                except OSError:
                    continue
                found |= set(rule.findall(block))
    return found
