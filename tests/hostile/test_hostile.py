# SPDX-License-Identifier: Apache-2.0
"""Each attack against the product: the right verdict, the secret unseen, nothing left, the next one judged right.

`--runner cold` (the default) runs all of them.  `warm` and `pooled` run those in Python and JavaScript, since
only these languages have a warm runner: attacks through a C program or a shell, and requests that are refused
before there is a box, are cold only.  Warm ones go through a process that lives on, and so do the honest
programs after each: what an attack breaks in a runner, they meet.
"""
import json
import time

import pytest

import attack
import containers
import host
import runs

PROGRAM = runs.binary("KODEWAR_BIN", "build/kodewar")
ATTACKS = attack.load_all()
FROM_POOL = {}  # attack -> was one of its boxes one that had waited?
# A box that waits was made with the default limits of these; other requests get one made for them.
POOL_TRIES = 4
MADE_WITH = {"disk_kb", "file_kb", "open_files", "inodes"}


def pytest_generate_tests(metafunc):
    if "a" in metafunc.fixturenames and metafunc.config.getoption("backend") == "docker":
        metafunc.parametrize("a", containers.attacks(), ids=lambda a: a.name)
    elif "a" in metafunc.fixturenames:
        cold = metafunc.config.getoption("runner") == "cold"
        metafunc.parametrize("a", [a for a in ATTACKS if cold or a.runs_warm()], ids=lambda a: a.name)


@pytest.fixture(name="runner", scope="session")
def fixture_runner(request):
    return request.config.getoption("runner")


def test_there_are_enough_attacks():
    groups = {a.name.split("/")[0] for a in ATTACKS}
    assert len(ATTACKS) >= 85
    assert groups >= {"cpu", "memory", "processes", "filesystem", "proc", "fds", "network", "ipc", "syscalls", "output",
                      "forged", "crossstate", "cleanup", "request", "warm"}
    assert sum(a.runs_warm() for a in ATTACKS) >= 110


def judge(a, finished, canary, stolen_ms):
    own = [run for run, mine in finished if mine]
    wrong = containers.faults(a, own, stolen_ms) if runs.BACKEND_OPTIONS else [w for run in own for w in a.faults(run, stolen_ms)]
    for run, mine in finished:
        wrong += [] if mine else runs.honest_faults(run)
        if canary.secret in run.stdout or canary.secret in run.stderr:
            wrong.append("the secret of the host came out")
    return wrong + canary.faults()


def before_faults(run):
    """What comes first must have gone well, or nothing was there to be found."""
    if run.result is None or run.result["verdict"] not in ("accepted", "wrong_answer"):
        return [f"the submission before it: {run.stdout[-500:]!r}, {run.stderr[-500:]!r}"]
    return [] if attack.SECRET in run.result["output"] else ["the submission before it printed no secret"]


def pooled(run):
    result = run.result or {}
    return "pooled" in {result.get("runner"), *(case["runner"] for case in result.get("test_results", []))}


def in_a_stream(a, runner, env, values):
    """Through a process that lives on, honest programs last: (answers, faults of what came before)."""
    beside = 2 if a.mode in ("parallel", "honest") or "interactor" in a.extra else 1
    honest = [runs.HONEST_JS, runs.HONEST] if a.language == "javascript" else [runs.HONEST]
    with runs.Resident(PROGRAM, runner, env, beside) as resident:
        wrong = [w for body in a.before() for w in before_faults(resident.answers(body)[0])]
        finished = runs.through(resident, a, values)
        for _ in range(POOL_TRIES if runner == "pooled" else 0):  # the first box of a process never had the time to wait
            if any(pooled(run) for run, own in finished if own):
                break
            time.sleep(0.05)  # a pool is filled when there is nothing else to do
            finished += runs.through(resident, a, values)
        finished += [(resident.answers(json.dumps(h).encode())[0], False) for h in honest]
    return finished, wrong


def runner_faults(a, run, runner):
    """Warm must have been warm, else the attack was tried on nothing new."""
    if run.result is None or run.result["verdict"] is None:
        return []
    right = {"warm": {"warm"}, "pooled": {"warm", "pooled"}}.get(runner, {"cold"})
    if a.extra.get("fresh") or a.extra.get("env"):  # the environment may hold what is read at start only
        right = right | {"cold"}
    elif runner == "pooled" and a.language == "python" and not MADE_WITH & set(a.limits):
        FROM_POOL[a.name] = FROM_POOL.get(a.name, False) or pooled(run)
    return [] if run.result["runner"] in right else [f"its runner was {run.result['runner']}"]


def stream_faults(a, own, env, values):
    """What shows only by comparison: of the runs with each other, and with a cold one."""
    outputs = [run.result["output"] for run in own if run.result]
    wrong = []
    if a.differ:
        lines = [line for text in outputs for line in set(text.splitlines()) - {"contained"}]
        wrong += [f"drawn twice: {line!r}" for line in sorted({x for x in lines if lines.count(x) > 1})]
        wrong += [] if lines else ["nothing was drawn"]
    if a.as_cold:
        cold = runs.Run(PROGRAM, a.bytes(values), env).finish()
        want = cold.result["output"] if cold.result else cold.stderr
        wrong += [f"a cold box prints {want!r}, this one {text!r}" for text in outputs if text != want]
    return wrong


@pytest.fixture(name="resident", scope="session")
def fixture_resident(request, canary):
    keeper = containers.Resident(PROGRAM)
    if request.config.getoption("backend") == "docker":
        keeper.of(runs.environment(canary.secret))
    yield keeper
    keeper.leave()


@pytest.mark.timeout(180)
def test_attack(a, runner, resident, canary, values, request):
    if a.known and not runs.BACKEND_OPTIONS:  # a container's tree is its own
        request.node.add_marker(pytest.mark.xfail(reason=a.known, strict=False))
    env = runs.environment(canary.secret)
    census, stolen = host.Census(), host.stolen_ms()
    wrong = []
    if runs.BACKEND_OPTIONS:
        finished = resident.run(a, env, values)
    elif runner == "cold" and a.mode != "stream":
        finished = runs.start(PROGRAM, a, env, values)
        finished.append((runs.Run(PROGRAM, json.dumps(runs.HONEST).encode(), env).finish(), False))
    else:
        finished, wrong = in_a_stream(a, runner, env, values)
    own = [run for run, mine in finished if mine]
    wrong += judge(a, finished, canary, host.stolen_ms() - stolen)
    wrong += [w for run in own for w in runner_faults(a, run, runner)]
    wrong += stream_faults(a, own, env, values)
    wrong += census.faults(resident.is_itself)
    assert not wrong, "\n".join([f"{a.name}: {a.what}"] + wrong)


def test_boxes_had_waited(runner):
    """A pool that nobody draws from would make `pooled` the same as `warm`."""
    assert runner == "pooled"
    if len(FROM_POOL) < 20:
        pytest.skip("few attacks were chosen")
    made = [name for name, waited in FROM_POOL.items() if not waited]
    assert len(made) * 5 <= len(FROM_POOL), made
