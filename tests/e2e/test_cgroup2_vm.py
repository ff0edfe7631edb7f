# SPDX-License-Identifier: Apache-2.0
"""The same boxes on a real kernel with a pure cgroup v2 hierarchy.

A throw-away guest (software emulation) boots this machine's file system read-only with Debian's cloud
kernel, runs tests/e2e/guest/v2.py in it once, and every test here looks at one part of what it printed.
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
GUEST = TOP.parent / "shared/tools/cg2vm.sh"


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    if not GUEST.exists():
        pytest.skip(f"no {GUEST} to boot a guest with")
    stage = tmp_path_factory.mktemp("v2") / "kodewar"
    (stage / "build").mkdir(parents=True)
    for name in ("kodewar", "kodewar-launcher", "kodewar-probe"):
        shutil.copy2(BUILD / name, stage / "build" / name)
    for name in ("languages", "profiles"):
        shutil.copytree(TOP / name, stage / name)
    shutil.copy2(TOP / "tests/e2e/guest/v2.py", stage / "v2.py")
    done = subprocess.run(["bash", str(GUEST), "-q", "-f", str(stage),
                           "/usr/bin/python3.11 /tmp/host/kodewar/v2.py /tmp/host/kodewar/build/kodewar"],
                          env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "T": "240"},
                          capture_output=True, text=True, timeout=280, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith('{"guest"')]
    assert done.returncode == 0 and len(lines) == 1, done.stdout[-2000:] + done.stderr[-2000:]
    return json.loads(lines[0])["guest"]


def test_the_guest_is_pure_v2(seen):
    assert {"memory", "pids", "cpu", "io"} <= set(seen["controllers"].split())


def test_every_layer_is_ok_but_the_disk_that_the_guest_lacks(seen):
    """Its file system is this machine's, by virtiofs: there is nothing to bound, and doctor says so."""
    layers = {layer["layer"]: layer for layer in seen["doctor"]["layers"]}
    assert {name for name, layer in layers.items() if layer["state"] != "ok"} == {"cgroup-io"}
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
