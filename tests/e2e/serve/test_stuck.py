# SPDX-License-Identifier: Apache-2.0
"""A lane whose init cannot be killed is told, and comes back when it has died: the one process that a test can keep alive is a frozen one."""
import contextlib
import os
import pathlib
import sys
import threading
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from quiet import until  # noqa: E402
from resident import below  # noqa: E402
from service import HELLO, serving  # noqa: E402

FREEZER = pathlib.Path("/sys/fs/cgroup/freezer")
ASLEEP = {"language": "python", "code": "import time\nprint(42, flush=True)\ntime.sleep(1)"}


@contextlib.contextmanager
def freezer():
    """freeze(pid), thaw(); at the end everybody is thawed and nothing is left. On cgroup v2 the frozen die when they are killed."""
    if os.geteuid() != 0 or not (FREEZER / "tasks").exists():
        pytest.skip("needs root and the freezer of cgroup v1")
    mine = FREEZER / f"kodewar-test-{os.getpid()}"
    mine.mkdir()
    state = mine / "freezer.state"

    def freeze(pid):
        (mine / "cgroup.procs").write_text(str(pid))
        state.write_text("FROZEN")
        until(lambda: state.read_text() == "FROZEN\n")
    try:
        yield freeze, lambda: state.write_text("THAWED")
    finally:
        state.write_text("THAWED")
        until(lambda: not (mine / "cgroup.procs").read_text())
        mine.rmdir()


def init_of_running(s):
    """With one lane there is no other; the program is there when it runs."""
    found = below(s.pid)
    inits = [p.pid for p in found if p.kind == "init"]
    return inits[0] if len(inits) == 1 and any(p.kind == "program" for p in found) else None


def test_a_lane_that_does_not_end_is_told_and_comes_back():
    with freezer() as (freeze, thaw), serving("--lanes", 1, "--runner", "cold") as s:
        answers = []
        asker = threading.Thread(target=lambda: answers.append(s.run(**ASLEEP)))
        asker.start()
        freeze(until(lambda: init_of_running(s)))
        asker.join()
        begun = time.monotonic()
        assert answers[0]["verdict"] == "accepted"  # its answer does not wait for that death
        assert s.metric("kodewar_lanes_lost") == 0 and s.get("/readyz").status == 200
        s.await_metric("kodewar_lanes_lost", 1, timeout=30)
        assert time.monotonic() - begun > 8
        assert "lane stuck lane=0: a process of its last box does not die" in s.log()
        ready = s.get("/readyz")
        assert ready.status == 503 and "do not die" in ready.problem["detail"]
        assert (s.metric("kodewar_lanes"), s.metric("kodewar_lanes_idle"), s.metric("kodewar_ready")) == (1, 0, 0)
        waits = s.post("/v1/jobs", HELLO).json["id"]
        thaw()
        assert s.get(f"/v1/jobs/{waits}?wait=20").json["state"] == "done"
        s.await_metric("kodewar_lanes_lost", 0)
        assert "lane free again lane=0" in s.log() and s.log().count("lane stuck") == 1
        assert s.get("/readyz").status == 200 and s.run(**HELLO)["output"] == "42\n"
