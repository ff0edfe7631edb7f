# SPDX-License-Identifier: Apache-2.0
"""When an answer goes out: as soon as nobody of the program's lives, by the word of the kernel, and not before.

Where the program has left nobody, init is killed after the answer; where it has, before, and the rest of the box with it. What
the warden calls, in its order, says which it was.
"""
import re

import pytest

from quiet import until
from resident import Resident

REPORT_DONE = r'"\\x01\\x00\\x00\\x00"'
ANSWER = re.compile(r"sendmsg\(.*iov_base=" + REPORT_DONE + r"\.*, iov_len=(\d{4})")
KILL = re.compile(r"pidfd_send_signal\(\d+, SIGKILL, .*= 0")
# The ends of its pipes are closed: nothing but its life is left of it.
LEFT = "import os, time\nif os.fork() == 0:\n    {}\nprint(1)\n"
STAYS = "os.setsid(); os.closerange(0, 3); time.sleep(60)"
SPINS = "os.closerange(0, 3)\n    while True: pass"
GRANDCHILD = "os.closerange(0, 3)\n    if os.fork() == 0: time.sleep(60)\n    os._exit(0)"
NODE_LEFT = """require("child_process").spawn(process.execPath, ["-e", "setTimeout(() => {}, 60000)"], {detached: true, stdio: "ignore"})
    .on("spawn", () => { console.log(1); process.exit(0) })"""


pytestmark = pytest.mark.usefixtures("as_root")


@pytest.fixture
def calls(tmp_path):
    """calls(resident, runner, code): what the warden did for one answer by this runner, of "answer" and "kill", in order."""
    def look(r, runner, code, language="python"):
        log = tmp_path / "calls"
        with r.traced(log, "-xx", "-s4", "-etrace=sendmsg,pidfd_send_signal"):
            until(lambda: runner != "pooled" or r.processes("program"))  # an order that comes before it waits, waits for it
            answer = r.ask(language=language, code=code, test_cases=[{"input": "", "expected": "1"}])
            assert (answer["verdict"], answer["runner"]) == ("accepted", runner), answer
            until(lambda: KILL.search(log.read_text()))
        lines = log.read_text().splitlines()
        return ["answer" if ANSWER.search(line) else "kill" for line in lines if ANSWER.search(line) or KILL.search(line)]
    return look


@pytest.mark.parametrize("runner", ["cold", "warm", "pooled"])
def test_who_left_nobody_is_answered_for_before_init_is_killed(calls, runner):
    r = Resident("--lanes", 1, "--in-flight", 1, "--runner", runner)
    try:
        until(lambda: r.ask_number("python")["runner"] == runner)
        assert calls(r, runner, "print(1)")[:2] == ["answer", "kill"]
    finally:
        r.close()


@pytest.mark.parametrize("runner", ["cold", "warm", "pooled"])
@pytest.mark.parametrize("left", [STAYS, SPINS, GRANDCHILD], ids=["stays", "spins", "grandchild"])
def test_who_left_somebody_is_answered_for_when_all_are_dead(calls, runner, left):
    r = Resident("--lanes", 1, "--in-flight", 1, "--runner", runner)
    try:
        until(lambda: r.ask_number("python")["runner"] == runner)
        assert calls(r, runner, LEFT.format(left))[:2] == ["kill", "answer"]
        assert calls(r, runner, "print(1)")[:2] == ["answer", "kill"]
    finally:
        r.close()


def test_node_whose_zygote_reaps_it(calls):
    r = Resident("--lanes", 1, "--in-flight", 1, "--runner", "warm")
    try:
        until(lambda: r.ask_number("javascript")["runner"] == "warm")
        assert calls(r, "warm", NODE_LEFT, "javascript")[:2] == ["kill", "answer"]
        assert calls(r, "warm", "console.log(1)", "javascript")[:2] == ["answer", "kill"]
    finally:
        r.close()
