# SPDX-License-Identifier: Apache-2.0
"""Many warm runs: each has its own answer, none is cold while zygotes are recycled, and nothing grows.

SOAK_RUNS: of Python, warm; others are a part of it.  `make test-long` does a million.
"""
import collections
import json
import os
import sys
import time

import pytest

from command_line import ROOT
from quiet import nothing_grew, quiet_state, settles, until
from resident import Resident

sys.path.insert(0, str(ROOT / "tests/hostile"))

import host  # noqa: E402

RUNS = int(os.environ.get("SOAK_RUNS", "20000"))
FORKS_OF_A_ZYGOTE = 5000  # warden.h
LANES = 2


@pytest.fixture(scope="module", autouse=True)
def apart(as_root):
    host.stand_apart()


class Soak(Resident):
    """Keeps counts of its answers, and those that are wrong."""

    def _read(self):
        self.right, self.bad, self.runners, self.seen = 0, [], collections.Counter(), bytearray(RUNS + 1000)
        for line in self.process.stdout:
            r = json.loads(line)
            n = r["line"]
            if r["verdict"] == "accepted" and r["output"] == f"{n}\n" and not self.seen[n]:
                self.right += 1
            else:
                self.bad.append(r)
            self.seen[n] = 1
            self.runners[r["runner"]] += 1

    def await_right(self, count, timeout, watch=lambda: None):
        """Watches meanwhile; ends at the first wrong answer."""
        end = time.monotonic() + timeout
        while self.right < count:
            assert not self.bad, self.bad[:3]
            assert self.process.poll() is None, self.complaint()
            assert time.monotonic() < end, f"{self.right} of {count} after {timeout} s"
            watch()
            time.sleep(0.05 if count - self.right > 10 else 0.001)


def zygotes_of(r, language):
    return {p.pid for p in r.processes(language)}


@pytest.fixture
def soak():
    """Starts one; it must end well, and leave nothing."""
    census, started = host.Census(), []

    def start(*options):
        started.append(Soak(*options))
        return started[-1]

    yield start
    for r in started:
        r.close()
    wrong = census.faults()
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language, runs", [("python", RUNS), ("javascript", RUNS // 10)])
def test_many_warm_runs(soak, language, runs):
    r = soak("--runner", "warm", "--lanes", LANES, "--in-flight", 4)
    zygotes, warm_up = set(), min(runs // 5, 1000)
    r.feed([language] * warm_up)
    r.await_right(warm_up, 60 + warm_up / 20)
    before = quiet_state(r, LANES)
    r.feed([language] * (runs - warm_up))
    r.await_right(runs, 60 + runs / 20, lambda: zygotes.update(zygotes_of(r, language)))
    assert not r.bad
    nothing_grew(before, lambda: quiet_state(r, LANES))
    assert r.runners == {"warm": runs}, "a zygote was recycled with a gap"
    assert len(zygotes) >= runs // FORKS_OF_A_ZYGOTE, f"zygotes: {zygotes}"


def test_a_lane_that_is_not_wanted_keeps_one_zygote(soak):
    """A new one is begun with the last run of the old one: it takes over though no other run comes."""
    several = [(soak("--runner", runner, "--lanes", 1, "--in-flight", 1), runner, language)
               for runner, language in (("warm", "python"), ("pooled", "python"))]
    first = {}
    for r, _, language in several:
        r.send_number(language)
        r.await_right(1, 60)
        first[r] = zygotes_of(r, language)
        r.feed([language] * (FORKS_OF_A_ZYGOTE - 1))
    for r, runner, language in several:
        r.await_right(FORKS_OF_A_ZYGOTE, 90)
        last = settles(lambda r=r, language=language: zygotes_of(r, language),
                       lambda found, old=first[r]: len(found) == 1 and found != old)
        assert len(last) == 1 and last != first[r], f"of one lane: {last}, and at first {first[r]}"
        until(lambda r=r, runner=runner: len(r.processes("program")) == (runner == "pooled"))
        r.send_number(language)
        r.await_right(FORKS_OF_A_ZYGOTE + 1, 60)
        assert not r.bad and r.runners["cold"] == 0, r.runners


@pytest.mark.parametrize("language, runs", [("python", RUNS // 40), ("javascript", RUNS // 100)])
def test_many_pooled_runs(soak, language, runs):
    """One at a time, each when a program waits for it."""
    r = soak("--runner", "pooled", "--lanes", LANES, "--in-flight", 1)
    for i in range(runs):
        until(lambda: len(r.processes("program")) == LANES or i < LANES)
        if i == runs // 5:
            before = quiet_state(r, LANES)
        r.send_number(language)
        r.await_right(i + 1, 60)
    until(lambda: len(r.processes("program")) == LANES)
    nothing_grew(before, lambda: quiet_state(r, LANES))
    assert r.runners["cold"] == 0 and r.runners["pooled"] > runs / 2, r.runners
