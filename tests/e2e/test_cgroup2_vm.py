# SPDX-License-Identifier: Apache-2.0
"""The same boxes on a real kernel with a pure cgroup v2 hierarchy.

A throw-away guest (software emulation) boots this machine's file system read-only with Debian's cloud
kernel, runs tests/e2e/guest/v2.py in it once (tools/test-guest), and every test here looks at one part of what it printed.
The guest is 15 to 40 times slower than the host: limits are generous, nothing is timed.
"""
import json
import os
import pathlib
import shutil
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = TOP / pathlib.Path(os.environ.get("KODEWAR_BIN", "build/kodewar")).parent
GUEST = TOP / "tools/test-guest"
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    stage = tmp_path_factory.mktemp("v2") / "kodewar"
    (stage / "build").mkdir(parents=True)
    for name in ("kodewar", "kodewar-launcher", "kodewar-probe"):
        shutil.copy2(BUILD / name, stage / "build" / name)
    for name in ("languages", "profiles"):
        shutil.copytree(TOP / name, stage / name)
    shutil.copy2(TOP / "tests/e2e/guest/v2.py", stage / "v2.py")
    done = subprocess.run([GUEST, "--timeout", "225", "--file", stage,
                           "/usr/bin/python3.11 /tmp/host/kodewar/v2.py /tmp/host/kodewar/build/kodewar"],
                          capture_output=True, text=True, timeout=240, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith('{"guest"')]
    assert done.returncode == 0 and len(lines) == 1, done.stdout[-2000:] + done.stderr[-2000:]
    return json.loads(lines[0])["guest"]


def test_the_guest_is_pure_v2(seen):
    assert {"memory", "pids", "cpu", "io"} <= set(seen["controllers"].split())


def test_every_layer_is_ok_but_the_disk_that_the_guest_lacks(seen):
    """Its file system is this machine's, by virtiofs: there is nothing to bound, and doctor says so."""
    layers = {layer["layer"]: layer for layer in seen["doctor"]["layers"]}
    assert {name for name, layer in layers.items() if layer["state"] != "ok"} <= {"cgroup-io"}  # or it was slow anyway
    assert seen["doctor_exit"] == 1


@pytest.mark.parametrize("name,verdict", [
    ("honest", "accepted"), ("wrong", "wrong_answer"), ("memory", "memory_limit"), ("memory_child", "memory_limit"),
    ("processes", "process_limit"), ("cpu", "time_limit"), ("wall", "time_limit"), ("output", "output_limit"),
    ("compiled", "accepted"), ("denied", "accepted"),
])
def test_verdicts(seen, name, verdict):
    assert seen["results"][name]["verdict"] == verdict, seen["results"][name]["error"]


def test_the_cpu_limit_is_named(seen):
    assert "cpu" in seen["results"]["cpu"]["error"]
    assert "wall" in seen["results"]["wall"]["error"]


def test_usage_is_measured(seen):
    usage = seen["results"]["honest"]["usage"]
    assert usage["cpu_ms"] > 0 and usage["wall_ms"] > 0 and usage["memory_kb"] > 1000


def test_denied_calls_are_seen(seen):
    assert {"name": "mount", "count": 1} in seen["results"]["denied"]["denied_syscalls"]


def test_nothing_is_left(seen):
    assert seen["left"] == []


def test_an_ordinary_user_has_every_layer_in_a_cgroup_that_was_lent(seen):
    user = seen["user"]
    layers = {layer["layer"]: layer for layer in user["doctor"]["layers"]}
    assert {name for name, layer in layers.items() if layer["state"] != "ok"} <= {"cgroup-io"}, user["doctor"]["reason"]
    assert user["doctor_exit"] == 1  # no warm runner was taken along
    assert "rootless" in user["doctor"]["host"] and len(user["doctor"]["lacks"]) >= 3


@pytest.mark.parametrize("name,verdict", [
    ("honest", "accepted"), ("memory", "memory_limit"), ("memory_child", "memory_limit"), ("processes", "process_limit"),
    ("cpu", "time_limit"), ("denied", "accepted"),
])
def test_verdicts_of_an_ordinary_user(seen, name, verdict):
    result = seen["user"]["results"][name]
    assert result["verdict"] == verdict, result["error"]
    assert name != "denied" or {"name": "mount", "count": 1} in result["denied_syscalls"]


def test_an_ordinary_user_serves(seen):
    served = seen["user"]["served"]
    assert "error" not in served, served
    assert served["ready"]["status"] == 200 and served["capabilities"]["mode"] == "rootless", served
    verdicts = {name: result["verdict"] for name, result in served["results"].items()}
    assert verdicts == {"honest": "accepted", "memory": "memory_limit", "denied": "accepted"}, served["results"]
    assert served["job"]["result"]["verdict"] == "accepted" and served["exit"] == 0, served


def test_others_may_stand_beside(seen):
    assert seen["user"]["beside"]["verdict"] == "accepted", seen["user"]["beside"]["error"]


def test_without_a_cgroup_a_user_is_refused_with_the_cure(seen):
    assert "systemd-run --user --scope -p Delegate=yes kodewar" in seen["user"]["nothing"]["error"]


def test_nothing_is_left_of_a_user(seen):
    assert seen["user"]["left"] == []
