# SPDX-License-Identifier: Apache-2.0
"""A zygote that lies is contained by the warden: no stranger is killed or waited for, and every program still runs.

tests/zygotes/harness.c is a warden with zygotes that are tests/zygotes/liar.c; it runs programs that read a
number, print it and exit with it.  What is promised of them:

- every box has its own output and status, made anew by the exec runner where its zygote lied about it;
- the warden, a bystander whom the liar names, and everybody else live on;
- the warden keeps no descriptor that it was sent;
- a zygote that does not answer at all costs the box that it was asked for 20 seconds, and then it is ended;
  one that owes a status costs 2 seconds, and then the warden, who inherits the program, reads it itself.
"""
import errno
import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = (ROOT / os.environ.get("KODEWAR_BIN", "build/kodewar")).parent
COLD, WARM, POOLED = 0, 1, 2
KILL_CANCEL, KILL_BROKEN = 8, 9
# What is made ahead holds some descriptors, and may be there or not; a leak is one for each box or frame, of eight or more.
HELD = 2

INSTEAD = ["no-pidfd", "self", "warden", "bystander", "launcher", "null", "event", "error", "serial-next", "serial-zero",
           "short", "long", "empty", "kind", "ready-again", "status-early", "many-descriptors", "flood-answers",
           "flood-status", "close", "exit"]
CHILDREN = ["child-flood", "child-short", "child-starts-early", "child-event-listener", "child-harvested", "child-ready",
            "child-waits-twice", "child-in-future"]
# One box after another, by the liar, and one by the exec runner between; the same with programs forked ahead.
ORDERS = ["zzxz" * 2, "ZZxZz" * 2]


# These wait 20 seconds for somebody: they do so beside the others.
PATIENT = {"stop": ("stop", "python", "zx"), "init": ("init", "python", "zx"), "hung": ("truth", "python", "xax")}


pytestmark = pytest.mark.usefixtures("as_root")


@pytest.fixture(scope="module", autouse=True)
def patient(as_root):
    running = {name: start(*world) for name, world in PATIENT.items()}
    yield running
    for run in running.values():
        if run.poll() is None:
            run.kill()
        run.communicate()


def start(lie, runner, orders, *replaced_after):
    return subprocess.Popen([BUILD / "tests/zygotes/zygote-harness", BUILD / "kodewar-launcher", ROOT / "profiles/seccomp.json",
                             BUILD / "tests/zygotes/zygote-liar", lie, runner, orders, *map(str, replaced_after)],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={"PATH": "/usr/bin:/bin"})


class World:
    """What the harness told: of zygotes, of its boxes, of the world around."""

    def __init__(self, lie, runner, orders, *replaced_after, run=None):
        run = run or start(lie, runner, orders, *replaced_after)
        try:
            out, err = run.communicate(timeout=100)
        finally:
            run.kill()
        assert run.returncode == 0, out + err
        rows = [json.loads(line) for line in out.splitlines()]
        self.zygotes = [r for r in rows if "zygote" in r]
        self.boxes = [r for r in rows if "box" in r]
        self.end = rows[-1]
        assert len(self.boxes) == len(orders.translate(str.maketrans("", "", ".-n")))

    def is_whole(self, left_over=0, boxes=None):
        assert self.end["whole"], "the warden or the bystander was killed"
        assert self.end["left_over"] == left_over
        before, after = self.end["descriptors"]
        assert after <= before + HELD, self.end
        for b in self.boxes if boxes is None else boxes:
            told = (b["out"], b["status"], b["ended"], b["kill"], b["errno"], b["artefact"])
            assert told == (str(b["box"]), b["box"] % 256 << 8, 1, 0, 0, 0), b

    def runners(self):
        return [b["runner"] for b in self.boxes]


def test_the_truth_is_warm():
    world = World("truth", "python", "zzxzz")
    world.is_whole()
    assert world.runners() == [WARM, WARM, COLD, WARM, WARM]


@pytest.mark.parametrize("runner", ["python", "node"])
def test_a_waiting_program_gives_way_to_another_order(runner):
    """One that was forked ahead, by a zygote that is its parent or is not, is dropped for the order that wants another one."""
    world = World("truth", runner, "Z.xZ.zZ.xx")
    world.is_whole()
    assert world.runners() == [WARM, COLD, WARM, POOLED, WARM, COLD, COLD]


@pytest.mark.parametrize("orders", ORDERS)
@pytest.mark.parametrize("lie", INSTEAD + CHILDREN)
def test_a_lie_costs_only_warmth(lie, orders):
    world = World(lie, "python", orders)
    world.is_whole()
    assert set(world.runners()) == {COLD}


@pytest.mark.parametrize("orders", ORDERS)
@pytest.mark.parametrize("lie", ["self", "warden", "bystander", "launcher", "null", "status-early", "flood-status"])
def test_a_zygote_that_is_a_parent_is_not_believed_either(lie, orders):
    world = World(lie, "node", orders)
    world.is_whole()
    assert set(world.runners()) == {COLD}


@pytest.mark.parametrize("orders", ORDERS)
@pytest.mark.parametrize("lie, runner", [("exit-unanswered", "node"), ("exit-after", "node"), ("exit-unanswered-clone", "python")])
def test_a_zygote_that_dies_after_its_fork_loses_no_program(lie, runner, orders):
    world = World(lie, runner, orders)
    world.is_whole()
    assert world.boxes[0]["runner"] == WARM, "the first program was made by the zygote, and went on without it"


def test_the_status_of_a_living_program_is_not_taken():
    """A liar's 0 arrives before the program has read its input: the true status counts."""
    world = World("status-of-living", "node", "zzxz")
    world.is_whole()


@pytest.mark.parametrize("lie", ["status-never", "stop-after"])
def test_a_status_that_is_owed_is_read_by_the_warden(lie):
    world = World(lie, "node", "zx")
    world.is_whole()
    assert world.runners() == [WARM, COLD]
    assert world.boxes[0]["wall_usec"] < 1_900_000, "the wait for a status is no time of the program's"


def test_a_program_that_its_zygote_does_not_reap_is_reaped():
    """Its zygote has told how it ended and leaves it unburied: a box whose init could not die."""
    world = World("unreaped", "node", "zxzx")
    world.is_whole()
    assert world.runners()[:2] == [WARM, COLD]


@pytest.mark.parametrize("orders", ["zxz", "Zxz"])
def test_an_impostor_is_not_killed(orders):
    """A child of the warden's indeed, but in no box: whoever it is, it is left alone, and the order runs elsewhere."""
    world = World("impostor", "python", orders)
    world.is_whole(left_over=1)
    assert set(world.runners()) == {COLD}


@pytest.mark.parametrize("lie", ["stop", "init"])
def test_silence_costs_one_box_its_patience_and_the_zygote_its_life(patient, lie):
    """`init`: the liar names a process that the warden has already, whose death is then awaited in vain."""
    world = World(*PATIENT[lie], run=patient[lie])
    world.is_whole()
    assert set(world.runners()) == {COLD}


def test_a_harvest_that_hangs_is_ended(patient):
    """An init that cannot get rid of an artefact costs its box 20 seconds and an internal error; the lane goes on."""
    world = World(*PATIENT["hung"], run=patient["hung"])
    hung = world.boxes.pop(1)
    world.is_whole(boxes=world.boxes)
    assert (hung["out"], hung["ended"], hung["kill"], hung["step"], hung["errno"]) == (
        "2", 1, KILL_BROKEN, "harvest", errno.ETIMEDOUT)
    assert hung["wall_usec"] < 10_000_000, "the wait for init is no time of the program's"


@pytest.mark.parametrize("lie", ["truth", "close-late"])
def test_an_honest_zygote_is_kept(lie):
    """`close-late`: as one that reaps, whose box is over before it has closed what it waited by."""
    world = World(lie, "python", "z" * 150)
    world.is_whole()
    assert set(world.runners()) == {WARM}


@pytest.mark.parametrize("runner", ["python", "node"])
@pytest.mark.parametrize("orders", ["-zz-", "-Z-", "-Zx-Z-"])
def test_a_lane_that_is_not_wanted_keeps_one_zygote(runner, orders):
    """The new one takes over when it is ready, though no box comes any more. (After one fork it would have had its last one as soon
    as a program waits, and be replaced for ever.)"""
    world = World("truth" if runner == "python" else "late", runner, orders, 2, 0)
    world.is_whole()
    assert COLD not in world.runners()[::2]
    assert world.end["zygotes"] == 1 and world.end["replaced"]


@pytest.mark.parametrize("orders", ["znz", "ZnZ", "znxz"])
def test_a_zygote_gets_old_in_a_lane_that_is_not_wanted(orders):
    """Its programs' layout is known to one that has run, and is not to be there for as long as no other one comes."""
    world = World("truth", "python", orders, 0, 700)
    world.is_whole()
    assert [r == COLD for r in world.runners()] == [o == "x" for o in orders if o != "n"]
    assert world.end["zygotes"] == 1


def test_a_zygote_of_which_no_program_has_run_does_not_get_old():
    world = World("truth", "python", "xx---", 0, 300)
    world.is_whole()
    assert world.end["zygotes"] == 1 and not world.end["replaced"]


def test_an_order_that_comes_while_a_zygote_is_replaced_is_warm():
    """`late`: the box that is thrown away for that takes a half a second and more to end."""
    world = World("late", "node", "-Z-Z-Z-Z", 1, 0)
    world.is_whole()
    assert COLD not in world.runners()


def test_an_order_that_is_called_off_while_a_zygote_is_replaced_does_not_run():
    world = World("late", "node", "-Z-c-Z", 1, 0)
    before, off, after = world.boxes
    world.is_whole(boxes=[before, after])
    assert (off["out"], off["ended"], off["kill"]) == ("", 0, KILL_CANCEL)


@pytest.mark.parametrize("lie", ["thread", "hoard"])
def test_a_zygote_that_is_not_what_it_was_is_replaced(lie):
    """After its first boxes it has a thread, or a descriptor for each, that it had not when it became ready."""
    world = World(lie, "python", "z" * 600)
    world.is_whole()
    runners = world.runners()
    assert runners[0] == WARM
    ended = runners.index(COLD)
    assert ended <= 5, "it is ended within a few boxes"
    assert WARM in runners[ended:], "and another one serves"


def test_who_says_why_not_is_believed():
    world = World("cannot", "python", "zz")
    world.is_whole()
    assert world.zygotes == [{"zygote": -95, "text": "not today"}]
    assert set(world.runners()) == {COLD}


@pytest.mark.parametrize("lie, text", [("dies-unready", "it ended"), ("too-early", "it broke the protocol")])
def test_who_never_gets_ready_is_given_up_aloud(lie, text):
    world = World(lie, "python", "zz")
    world.is_whole()
    assert [z["text"] for z in world.zygotes] == [text]
    assert set(world.runners()) == {COLD}
