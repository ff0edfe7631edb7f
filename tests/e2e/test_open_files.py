# SPDX-License-Identifier: Apache-2.0
"""How many descriptors the caller may have: what lanes need beyond a low soft limit is taken, what cannot be had is said at the start."""
import contextlib
import json
import re
import resource

import pytest

from command_line import HOST, OK, kodewar
from quiet import until
from resident import Resident

LANES = 16
SOFT = 256
CASES = [{"input": str(n), "expected": str(n)} for n in range(3 * LANES)]
ECHO = {"language": "python", "code": "import resource\nassert resource.getrlimit(resource.RLIMIT_NOFILE) == (99, 99)\nprint(input())",
        "limits": {"open_files": 99}, "test_cases": CASES}


pytestmark = pytest.mark.usefixtures("as_root")


@contextlib.contextmanager
def soft_limit(soft):
    """Of this process, and so of what it starts meanwhile."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, before[1]))
    try:
        yield before[1]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def files_of(pid):
    with open(f"/proc/{pid}/limits") as f:
        return tuple(int(n) for n in re.search(r"^Max open files +(\d+) +(\d+)", f.read(), re.M).groups())


@pytest.mark.parametrize("runner, lanes", [("cold", LANES), ("pooled", LANES), ("pooled", 6)])
def test_lanes_under_a_low_soft_limit(runner, lanes, tmp_path):
    """Of six there would be room for all, but not for all that they come to hold."""
    with soft_limit(SOFT):
        done = kodewar("run", "--lanes", lanes, "--runner", runner, "--log-dir", tmp_path, "-", stdin=json.dumps(ECHO).encode())
    assert done.returncode == OK, done.stderr
    assert {case["verdict"] for case in json.loads(done.stdout)["test_results"]} == {"accepted"}


def test_only_who_serves_lanes_has_more():
    """Launchers, zygotes and what waits in boxes inherit what the caller gave."""
    with soft_limit(SOFT) as hard:
        r = Resident("--lanes", 1, "--in-flight", 1, "--runner", "warm")
    try:
        for language in ("python", "javascript"):
            until(lambda: r.ask_number(language)["runner"] == "warm")  # noqa: B023
        warden = r.warden()
        assert files_of(r.pid) == files_of(warden) == (hard, hard)
        until(lambda: r.processes("init"))
        found = {p.kind: files_of(p.pid) for p in r.processes("launcher", "init", "python")}
        assert set(found) == {"launcher", "init", "python"}  # node raises its own
        assert set(found.values()) == {(SOFT, hard)}, found
    finally:
        r.close()


@pytest.mark.parametrize("command", [("run", "-"), ("doctor",), ("bench", "--requests")], ids=lambda c: c[0])
def test_lanes_that_cannot_have_theirs_are_refused(command, tmp_path):
    """All at once and by the limit's name, and not by a lane that breaks later."""
    done = kodewar(*command[:1], "--lanes", LANES, "--log-dir", tmp_path, *command[1:], stdin=json.dumps(ECHO).encode(),
                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (SOFT, SOFT)))
    assert done.returncode == HOST
    assert re.search(rb"lanes: 16 of them need \d+ open files, and the hard limit is 256", done.stderr + done.stdout), done
