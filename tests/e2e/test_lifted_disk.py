# SPDX-License-Identifier: Apache-2.0
"""A bound on the disk must not hold up a box's end: it is lifted where a box does not die at once, and while files are taken
out; and it is back when the next box has been served. What the warden writes into the leaf's files of control groups says so.
"""
import re

import pytest

from resident import Resident

RATE = re.compile(r'write(?:64)?\(\d+<[^>]*(?:throttle\.(?:read|write)_bps_device|/io\.max)>, "([^"]*)"')
NONE = re.compile(r"^\d+:\d+ 0$|rbps=max")
# Its pages are given back one by one: that takes far longer than the warden waits before it lifts.
SLOW_TO_DIE = "x = b'x' * (400 << 20)\nwhile True: pass"


pytestmark = pytest.mark.usefixtures("as_root")


@pytest.fixture
def resident():
    r = Resident("--lanes", 1, "--in-flight", 1, "--runner", "cold")
    try:
        assert r.ask_number("python")["verdict"] == "accepted"
        yield r
    finally:
        r.close()


@pytest.fixture
def rates(resident, tmp_path):
    """rates(**request): its answer, and the first two things that the warden then did to the disk's rate, of "lifted" and
    "bound", until it had served one more."""
    def look(**request):
        log = tmp_path / "calls"
        with resident.traced(log, "-y", "-s200", "-etrace=write,pwrite64"):
            answer = resident.ask(language="python", **request)
            assert resident.ask_number("python")["verdict"] == "accepted"
        said = [m[1] for line in log.read_text().splitlines() if (m := RATE.search(line))]
        done = ["lifted" if NONE.search(rate) else "bound" for rate in said]
        while done[:1] == ["bound"]:  # after a box before, which was slow to die as any may be
            del done[0]
        return answer, [d for n, d in enumerate(done) if n == 0 or d != done[n - 1]][:2]  # reads and writes have a file each
    return look


def test_it_is_lifted_where_a_box_is_slow_to_die(rates):
    answer, done = rates(code=SLOW_TO_DIE, limits={"wall_ms": 2000, "cpu_ms": 20000, "memory_kb": 480 << 10})
    assert (answer["verdict"], done) == ("time_limit", ["lifted", "bound"]), answer


def test_it_is_lifted_while_files_are_taken_out(rates):
    answer, done = rates(code="open('a', 'w').write('1')", output_files=["a"])
    assert (answer["files"], done) == ({"a": "1"}, ["lifted", "bound"]), answer
