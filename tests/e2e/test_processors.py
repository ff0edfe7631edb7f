# SPDX-License-Identifier: Apache-2.0
"""Where the parts of a lane run: with a lane for each processor, what forks keeps to one, and programs have all of them."""
import contextlib
import os

import pytest

from quiet import until
from resident import Resident

ALL = os.sched_getaffinity(0)
PROGRAMS = {
    "python": "import os, subprocess\nprint(sorted(os.sched_getaffinity(0)), flush=True)\n"
              "subprocess.run(['/usr/bin/python3', '-c', 'import os; print(sorted(os.sched_getaffinity(0)))'])",
    "javascript": "const os = require('os');\n"
                  "console.log(os.availableParallelism(), require('child_process').execFileSync(process.execPath,"
                  " ['-p', 'os.availableParallelism()']).toString().trim());",
}
several = pytest.mark.skipif(len(ALL) < 2, reason="one processor")


@pytest.fixture(scope="module", autouse=True)
def root(as_root):
    pass


@contextlib.contextmanager
def started(*options, cpus=ALL):
    os.sched_setaffinity(0, cpus)
    try:
        r = Resident(*options)
    finally:
        os.sched_setaffinity(0, ALL)
    try:
        yield r
    finally:
        r.close()


def places(r, kind):
    """What each of them may run on."""
    return [os.sched_getaffinity(p.pid) for p in r.processes(kind)]


def shown(language, cpus):
    own = sorted(cpus) if language == "python" else len(cpus)
    return f"{own}\n{own}\n" if language == "python" else f"{own} {own}\n"


@several
@pytest.mark.parametrize("language", ["python", "javascript"])
def test_each_lane_keeps_to_a_processor_of_its_own(language):
    """Those who fork; the gate and the warden serve all lanes, and are wherever the kernel puts them."""
    with started("--runner", "warm", "--lanes", len(ALL)) as r:
        assert r.ask_number(language)["runner"] == "warm"
        for kind in ("launcher", language):
            until(lambda kind=kind: sorted(places(r, kind), key=min) == [{cpu} for cpu in sorted(ALL)])
        assert os.sched_getaffinity(r.warden()) == os.sched_getaffinity(r.pid) == ALL
        if language == "javascript":  # V8's own threads are born before
            (zygote, *_) = r.processes(language)
            others = [int(t) for t in os.listdir(f"/proc/{zygote.pid}/task") if int(t) != zygote.pid]
            assert others and all(os.sched_getaffinity(t) == ALL for t in others)


@several
def test_what_is_put_in_its_place_keeps_to_it_too():
    with started("--runner", "warm", "--lanes", len(ALL)) as r:
        r.ask_number("python")
        for kind in ("python", "launcher"):
            until(lambda kind=kind: len(r.processes(kind)) == len(ALL))
            killed = r.processes(kind)[0]
            where = os.sched_getaffinity(killed.pid)
            os.kill(killed.pid, 9)

            def replaced(kind=kind, killed=killed, where=where):
                for _ in ALL:
                    r.ask_number("python")
                now = r.processes(kind)
                return len(now) == len(ALL) and killed not in now and where in places(r, kind)
            until(replaced)


@several
def test_fewer_lanes_than_processors_are_the_kernels_to_place():
    """It knows which of them are idle, and which share a core."""
    with started("--runner", "warm", "--lanes", len(ALL) - 1) as r:
        assert r.ask_number("python")["runner"] == "warm"
        for kind in ("launcher", "python"):
            assert all(p == ALL for p in places(r, kind))


@pytest.mark.parametrize("runner", ["cold", "warm", "pooled"])
@pytest.mark.parametrize("language", ["python", "javascript"])
def test_a_program_has_all_processors(language, runner):
    """And what it starts has them."""
    with started("--runner", runner, "--lanes", len(ALL)) as r:
        until(lambda: r.ask_number(language)["runner"] == runner)
        for _ in ALL:
            assert r.ask(language=language, code=PROGRAMS[language])["output"] == shown(language, ALL)


@several
def test_of_a_service_on_one_processor_it_has_that_one():
    cpu = {max(ALL)}
    with started("--runner", "warm", "--lanes", 2, cpus=cpu) as r:
        assert r.ask(language="python", code=PROGRAMS["python"])["output"] == shown("python", cpu)
        assert places(r, "launcher") == [cpu, cpu]
