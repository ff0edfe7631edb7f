# SPDX-License-Identifier: Apache-2.0
"""Many warm runs: each has its own answer, none is cold while zygotes are recycled, and nothing grows.

SOAK_RUNS: of Python, warm; others are a part of it.  `make test-long` does a million.
"""
import collections
import json
import os
import pathlib
import sys
import time

import pytest

from command_line import ROOT
from resident import Resident

sys.path.insert(0, str(ROOT / "tests/hostile"))

import host  # noqa: E402

RUNS = int(os.environ.get("SOAK_RUNS", "20000"))
FORKS_OF_A_ZYGOTE = 5000  # warden_zygote.c
LANES = 2


@pytest.fixture(scope="module", autouse=True)
def as_root():
    if os.geteuid() != 0:
        pytest.skip("boxes need root")
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


def number_in(path, name):
    with open(path) as f:
        return next(int(line.split()[1]) for line in f if line.startswith(name))


def quiet_state(r):
    """When all lanes wait: what there is of everything that could leak."""
    end = time.monotonic() + 10
    while True:
        found = [p for p in r.processes("launcher", "init", "program", "python", "javascript")]
        kinds = collections.Counter(p.kind for p in found)
        if kinds["init"] == LANES and kinds["launcher"] == LANES and kinds["python"] in (0, LANES) and \
                kinds["javascript"] in (0, LANES):
            break
        assert time.monotonic() < end, kinds
        time.sleep(0.02)
    launchers = [p.pid for p in found if p.kind == "launcher"]
    spaces = {os.readlink(f"/proc/{p.pid}/ns/{kind}") for p in found for kind in ("mnt", "ipc", "pid", "uts", "net", "user", "cgroup")}
    warden = r.warden()
    return {
        "processes": {k: n for k, n in kinds.items() if k != "program"},
        "namespaces": len(spaces) - 2 * kinds["program"],  # one that waits has a user and a cgroup namespace of its own
        "mounts": [len(pathlib.Path(f"/proc/{p}/mountinfo").read_text().splitlines()) for p in launchers],
        "sockets": [len(pathlib.Path(f"/proc/{p}/net/unix").read_text().splitlines()) for p in launchers],
        "cgroups": sorted(map(str, pathlib.Path("/sys/fs/cgroup").glob(f"**/kodewar/slot-{slot_of(warden)}/*/"))),
        "descriptors": {"gate": len(os.listdir(f"/proc/{r.pid}/fd")), "warden": len(os.listdir(f"/proc/{warden}/fd")),
                        "launchers": sum(len(os.listdir(f"/proc/{p}/fd")) for p in launchers),
                        "zygotes": sum(len(os.listdir(f"/proc/{p.pid}/fd")) for p in found if p.kind in ("python", "javascript"))},
        "kb": {"gate": number_in(f"/proc/{r.pid}/status", "VmRSS"), "warden": number_in(f"/proc/{warden}/status", "VmRSS"),
               "launchers": sum(number_in(f"/proc/{p}/smaps_rollup", "Pss:") for p in launchers),
               "zygotes": sum(number_in(f"/proc/{p.pid}/smaps_rollup", "Pss:") for p in found if p.kind in ("python", "javascript"))},
    }


def slot_of(warden):
    """The warden holds the lock of its slot."""
    for fd in os.listdir(f"/proc/{warden}/fd"):
        name = os.readlink(f"/proc/{warden}/fd/{fd}")
        if name.startswith("/run/kodewar/slot-"):
            return name.removeprefix("/run/kodewar/slot-").removesuffix(".lock")
    raise AssertionError("the warden holds no slot")


# What may differ between two quiet moments: pages that were touched first, a box more or less in the making.
SLACK = {"descriptors": {"gate": 4, "warden": 12, "launchers": 4, "zygotes": 4},
         "kb": {"gate": 2048, "warden": 512, "launchers": 1024, "zygotes": 16384}}


def nothing_grew(before, after):
    for what, slack in SLACK.items():
        for of, room in slack.items():
            assert after[what][of] <= before[what][of] + room, (what, of, before[what], after[what])
    for what in ("processes", "mounts", "sockets", "cgroups"):
        assert after[what] == before[what], (what, before[what], after[what])
    assert after["namespaces"] <= before["namespaces"] + 2, (before["namespaces"], after["namespaces"])


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
    before = quiet_state(r)
    r.feed([language] * (runs - warm_up))
    r.await_right(runs, 60 + runs / 20, lambda: zygotes.update(p.pid for p in r.processes(language)))
    assert not r.bad
    nothing_grew(before, quiet_state(r))
    assert r.runners == {"warm": runs}, "a zygote was recycled with a gap"
    assert len(zygotes) >= runs // FORKS_OF_A_ZYGOTE, f"zygotes: {zygotes}"


@pytest.mark.parametrize("language, runs", [("python", RUNS // 40), ("javascript", RUNS // 100)])
def test_many_pooled_runs(soak, language, runs):
    """One at a time, each when a program waits for it."""
    r = soak("--runner", "pooled", "--lanes", LANES, "--in-flight", 1)
    for i in range(runs):
        until(lambda: len(r.processes("program")) == LANES or i < LANES)
        if i == runs // 5:
            before = quiet_state(r)
        r.send_number(language)
        r.await_right(i + 1, 60)
    until(lambda: len(r.processes("program")) == LANES)
    nothing_grew(before, quiet_state(r))
    assert r.runners["cold"] == 0 and r.runners["pooled"] > runs / 2, r.runners


def until(what, timeout=30):
    end = time.monotonic() + timeout
    while not what():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.001)
