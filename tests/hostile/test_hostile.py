# SPDX-License-Identifier: Apache-2.0
"""Each attack against the product: the right verdict, the secret unseen, nothing left, the next one judged right."""
import json

import pytest

import attack
import host
import runs

PROGRAM = runs.binary("KODEWAR_BIN", "build/kodewar")
ATTACKS = attack.load_all()


def test_there_are_enough_attacks():
    groups = {a.name.split("/")[0] for a in ATTACKS}
    assert len(ATTACKS) >= 85
    assert groups >= {"cpu", "memory", "processes", "filesystem", "proc", "fds", "network", "ipc", "syscalls", "output",
                      "forged", "crossstate", "cleanup", "request"}


def judge(a, finished, canary):
    wrong = []
    for run, own in finished:
        wrong += a.faults(run) if own else runs.honest_faults(run)
        if canary.secret in run.stdout or canary.secret in run.stderr:
            wrong.append("the secret of the host came out")
    return wrong + canary.faults()


@pytest.mark.parametrize("a", ATTACKS, ids=lambda a: a.name)
def test_attack(a, canary, values, request):
    if a.known:
        request.node.add_marker(pytest.mark.xfail(reason=a.known, strict=False))
    env = runs.environment(canary.secret)
    census = host.Census()
    wrong = judge(a, runs.start(PROGRAM, a, env, values), canary)
    wrong += census.faults()
    honest = runs.Run(PROGRAM, json.dumps(runs.HONEST).encode(), env).finish()
    wrong += runs.honest_faults(honest)
    assert not wrong, "\n".join([f"{a.name}: {a.what}"] + wrong)
