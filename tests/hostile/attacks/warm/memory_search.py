# SPDX-License-Identifier: Apache-2.0
# attack: searches its whole memory for the source, stdin, files, arguments, output and expected answers of those before it
# layer: runner
# verdict: accepted
# prints: contained
# never: KWS-
# mode: stream
# times: 3
# limits: {"memory_kb": 262144, "cpu_ms": 10000, "wall_ms": 20000}
# before: [{"code": "# @SECRET:source@\nimport os, sys\nprint('KWS-read-' + os.urandom(12).hex(), sys.argv, os.environ['A'], open('f').read())\nprint('@SECRET:literal@', sys.stdin.read())\nprint('@SECRET:err@', file=sys.stderr)", "stdin": "@SECRET:stdin@", "args": ["@SECRET:arg@"], "env": {"A": "@SECRET:env@"}, "files": [{"name": "f", "content": "@SECRET:file@"}]}, {"code": "print(input(), '@SECRET:code@')", "compare": "tokens", "test_cases": [{"input": "@SECRET:input@", "expected": "@SECRET:expected@"}]}, {"code": "print('@SECRET:last@')"}]
from probe import *
from search import *

SECRET = rb"K[W]S-[a-z]{2,9}-[0-9a-f]{24}"
own = ("KW" + "S-own-" + os.urandom(12).hex()).encode()  # shows that the search does find what is there
found = found_in_memory(SECRET)
if own not in found:
    odd("the search is blind")
for secret in found - {own}:
    breach(secret.decode())
for name in ("environ", "cmdline", "comm", "mountinfo", "maps", "stat", "auxv"):
    with open(f"/proc/self/{name}", "rb") as f:
        for secret in re.findall(SECRET, f.read()):
            breach(f"{name}: {secret!r}")
done()
