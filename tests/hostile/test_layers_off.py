# SPDX-License-Identifier: Apache-2.0
"""Each attack against a test-only build with the layer switched off that the attack names.

Either a second layer still contains it, or single_layer.txt says why none does; SECURITY.md names
those.  "Contained" is what counts here: the verdict may be another one than with all layers, also an
internal error of a box that could not be set up without the layer.
"""
import os
import pathlib

import pytest

import attack
import host
import runs

PROGRAM = runs.binary("KODEWAR_LAYERS_BIN", "build-layers/kodewar")
LIST = pathlib.Path(__file__).resolve().parent / "single_layer.txt"
# What src/sandbox/layers.h can switch off. The others are no additions to a box but the box itself.
SWITCHABLE = set("""userns netns ipcns uts cgroupns tree tmpfs proc caps nnp seccomp landlock rlimits cgroup-memory
    cgroup-pids cgroup-cpu cgroup-io""".split())
# Of the compilers C's stand for all: their boxes are made alike.
ATTACKS = [a for a in attack.load_all() if a.layer in SWITCHABLE and not a.known and a.language in attack.EVERYWHERE.values()]


def single_layer():
    """name -> reason"""
    rows = [line.split(None, 1) for line in LIST.read_text().splitlines() if line and not line.startswith("#")]
    return {name: reason.strip() for name, reason in rows}


SINGLE = single_layer()
TRIED = [a for a in ATTACKS if not SINGLE.get(a.name, "").startswith("not tried:")]


def escaped(a, run):
    """Was more taken than allowed, or something reached that must not be?"""
    wrong = a.breaches(run)
    if run.result is None:
        return wrong + [f"no result: {run.stderr[-300:]!r}"]
    assert "required layers" not in run.result["error"], "this build refuses all work with a layer off"
    used = run.result.get("usage") or {"memory_kb": 0}
    if used["memory_kb"] > a.limits["memory_kb"] + attack.SLACK_KB:
        wrong.append(f"used {used['memory_kb']} KiB")
    return wrong


def test_list_names_attacks():
    names = {a.name for a in ATTACKS}
    assert set(SINGLE) <= names, sorted(set(SINGLE) - names)
    assert all(len(reason) > 20 for reason in SINGLE.values())


@pytest.mark.skipif(not os.path.exists(PROGRAM), reason=f"{PROGRAM}: build with -Dlayers_off=true")
@pytest.mark.parametrize("a", TRIED, ids=lambda a: f"{a.layer}-{a.name}")
def test_second_layer(a, canary, values):
    env = runs.environment(canary.secret, KODEWAR_LAYERS_OFF=a.layer)
    census = host.Census()
    wrong = []
    for run, own in runs.start(PROGRAM, a, env, values):
        wrong += escaped(a, run) if own else []
        if canary.secret in run.stdout or canary.secret in run.stderr:
            wrong.append("the secret of the host came out")
    wrong += canary.faults()
    # Keys are collected late. With whatever layer off, nothing else may stay.
    left = [w for w in census.faults() if a.name not in SINGLE or ", key:" not in w]
    assert not left, "\n".join([a.name] + left)
    if a.name in SINGLE:
        assert wrong, f"{a.name}: contained by a second layer after all: take it off {LIST.name}"
    assert not wrong or a.name in SINGLE, "\n".join([f"{a.name} without {a.layer}: {a.what}"] + wrong)
