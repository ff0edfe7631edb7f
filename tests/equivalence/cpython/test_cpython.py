# SPDX-License-Identifier: Apache-2.0
"""CPython's own tests (package libpython3.11-testsuite) end in a warm box as they end in a cold one, test by test.

Not here: modules that want a network, a terminal or minutes (io, signal, datetime), and those of which a box leaves little.
"""
import os
import pathlib
import re
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import boxes  # noqa: E402

MODULES = """
    abc argparse array asyncgen atexit augassign base64 binascii binop bisect bool builtin bytes calendar call class cmath
    codecs codeop collections compare compile complex configparser contains context contextlib copy copyreg coroutines csv
    ctypes dataclasses decimal decorators defaultdict deque descr dict dictcomps difflib dis dynamic enum enumerate
    except_star exception_group exception_variations exceptions float fnmatch format fractions frame fstring funcattrs
    functools gc generator_stop generators genericalias getopt glob global grammar hash hashlib heapq hmac htmlparser
    http_cookies index inspect int ipaddress isinstance iter itertools json keywordonlyarg linecache list listcomps locale
    long marshal math memoryio memoryview minidom multibytecodec named_expressions numeric_tower operator optparse
    ordered_dict patma peepholer pickletools plistlib positional_only_arg pprint print property pulldom pyexpat quopri raise
    random range re reprlib richcmp sax scope set setcomps shlex slice sort statistics string string_literals strptime
    strtod struct super symtable syntax sys_settrace textwrap thread threading traceback tuple types typing unary unicode
    unittest unpack unpack_ex urlparse userdict userlist uuid weakref with yield_from zlib
    """.split()
ADDRESS = re.compile(r"0x[0-9a-f]{6,16}")


@pytest.fixture(scope="module")
def pair():
    if os.geteuid() != 0:
        pytest.skip("boxes need root")
    if not pathlib.Path("/usr/lib/python3.11/test/test_list.py").exists():
        pytest.fail("libpython3.11-testsuite is not installed (deps/debian.txt)")
    both = [boxes.Boxes("cold"), boxes.Boxes("warm")]
    yield both
    for b in both:
        b.close()


def outcomes(text):
    rows = (line.split("\t") for line in text.decode(errors="replace").split("\n") if line.startswith("outcome of "))
    return {ADDRESS.sub("0x", name.removeprefix("outcome of ")): ADDRESS.sub("0x", what) for name, what in rows}


@pytest.mark.parametrize("module", MODULES)
def test_module(module, pair):
    request = boxes.request_of("python", (HERE / "run_module.py").read_text(), {"args": ["test.test_" + module]})
    request["limits"] = {"cpu_ms": 60000, "wall_ms": 90000, "output_bytes": 8 << 20, "memory_kb": 1 << 20}
    for b in pair:
        b.send(request)
    cold, warm = (b.receive() for b in pair)
    assert (cold.how, warm.how) == ("cold", "warm")
    assert cold.end == warm.end == 0, (cold.end, warm.end, cold.stderr[-1000:], warm.stderr[-1000:])
    one, other = outcomes(cold.stdout), outcomes(warm.stdout)
    passed = sum(what == "ok" for what in one.values())
    assert passed * 2 > len(one), f"{passed} of {len(one)} pass: {cold.stderr[-1000:]!r}"
    assert not {t: (one.get(t), other.get(t)) for t in one.keys() | other.keys() if one.get(t) != other.get(t)}
