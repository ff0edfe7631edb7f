# SPDX-License-Identifier: Apache-2.0
"""Where the parts of a lane run: with a lane for each processor, and most of them busy, what forks keeps to one. Programs have all."""
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
    """What the program prints that may use these, and whose child may."""
    return {"python": f"{sorted(cpus)}\n" * 2, "javascript": f"{len(cpus)} {len(cpus)}\n"}[language]


def crowd(r, language):
    """All lanes run at once."""
    r.feed([language] * 40).join()
    r.wait(r.sent, 60)


def kept(r, kind):
    return sorted(places(r, kind), key=min) == [{cpu} for cpu in sorted(ALL)]


def crowd_until_kept(r, language, *kinds):
    """No order comes after. (A lane whose last one came alone, after a stop of the whole host, was left to the kernel again.)"""
    def once():
        crowd(r, language)
        return all(kept(r, kind) for kind in kinds)
    until(once)


@several
@pytest.mark.parametrize("language", ["python", "javascript"])
def test_lanes_that_run_at_once_keep_to_a_processor_each(language):
    """Those who fork; the gate and the warden serve all lanes, and are wherever the kernel puts them. So is a lane that runs alone."""
    with started("--runner", "warm", "--lanes", len(ALL), "--in-flight", len(ALL)) as r:
        until(lambda: r.ask_number(language)["runner"] == "warm" and len(r.processes(language)) == len(ALL))
        crowd_until_kept(r, language, "launcher", language)
        assert os.sched_getaffinity(r.warden()) == os.sched_getaffinity(r.pid) == ALL
        if language == "javascript":  # V8's own threads do not fork
            (zygote, *_) = r.processes(language)
            others = [int(t) for t in os.listdir(f"/proc/{zygote.pid}/task") if int(t) != zygote.pid]
            assert others and all(os.sched_getaffinity(t) == ALL for t in others)

        def is_left_to_the_kernel():
            for _ in range(20):  # the lane before is not clean yet: all have their turn
                r.ask_number(language)
            return all(p == ALL for kind in ("launcher", language) for p in places(r, kind))
        until(is_left_to_the_kernel)
        assert not r.wrong()


@several
@pytest.mark.parametrize("kind", ["python", "launcher"])
def test_what_is_put_in_its_place_keeps_to_it_too(kind):
    with started("--runner", "warm", "--lanes", len(ALL), "--in-flight", len(ALL)) as r:
        crowd(r, "python")
        until(lambda: len(r.processes(kind)) == len(ALL))
        killed = r.processes(kind)[0]
        os.kill(killed.pid, 9)

        def replaced():
            crowd(r, "python")
            return killed not in r.processes(kind) and kept(r, kind)
        until(replaced)
        assert not r.wrong()


@several
def test_fewer_lanes_than_processors_are_the_kernels_to_place():
    """It knows which of them are idle, and which share a core."""
    with started("--runner", "warm", "--lanes", len(ALL) - 1, "--in-flight", len(ALL) - 1) as r:
        assert r.ask_number("python")["runner"] == "warm"
        crowd(r, "python")
        for kind in ("launcher", "python"):
            assert all(p == ALL for p in places(r, kind))


@pytest.mark.parametrize("runner", ["cold", "warm", "pooled"])
@pytest.mark.parametrize("language", ["python", "javascript"])
def test_a_program_has_all_processors(language, runner):
    """And what it starts has them, whatever its launcher keeps to."""
    with started("--runner", runner, "--lanes", len(ALL), "--in-flight", len(ALL)) as r:
        until(lambda: r.ask_number(language)["runner"] == runner)
        if len(ALL) > 1:
            crowd_until_kept(r, language, "launcher")
        first = r.sent
        for _ in range(2 * len(ALL)):
            r.send(language=language, code=PROGRAMS[language])
        r.wait(r.sent, 60)
        assert {r.answers[n]["output"] for n in range(first + 1, r.sent + 1)} == {shown(language, ALL)}


@several
def test_of_a_service_on_one_processor_it_has_that_one():
    cpu = {max(ALL)}
    with started("--runner", "warm", "--lanes", 2, cpus=cpu) as r:
        assert r.ask(language="python", code=PROGRAMS["python"])["output"] == shown("python", cpu)
        assert places(r, "launcher") == [cpu, cpu]
