# SPDX-License-Identifier: Apache-2.0
"""doctor tells what holds on this host, and claims nothing that it did not try."""
import json
import os
import subprocess

import pytest

from command_line import CLEAN_ENV, ROOT, kodewar

LAYERS = {"userns", "pidns", "mountns", "netns", "ipcns", "uts", "cgroupns", "tree", "devices", "tmpfs", "proc", "caps",
          "no-new-privs", "seccomp", "landlock", "rlimits", "cgroup-memory", "cgroup-pids", "cgroup-cpu", "cgroup-io", "cpu", "wall",
          "output", "outlive"}


def as_nobody():
    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)


def without(layer, *arguments, stdin=b""):
    """The test-only build (tools/build-variant.sh layers) with one layer switched off."""
    program = ROOT / os.environ.get("KODEWAR_LAYERS_BIN", "build-layers/kodewar")
    env = dict(CLEAN_ENV, KODEWAR_LAYERS_OFF=layer, KODEWAR_LAYERS_REQUIRED="1")
    return subprocess.run([program, *map(str, arguments)], input=stdin, env=env, capture_output=True, timeout=60,
                          check=False)


def test_every_layer_is_ok_here(tmp_path):
    done = kodewar("doctor", "--json", "--log-dir", tmp_path)
    report = json.loads(done.stdout)
    assert {layer["layer"] for layer in report["layers"]} == LAYERS
    assert {layer["layer"] for layer in report["layers"] if layer["state"] != "ok"} == set()
    assert {layer["cure"] for layer in report["layers"]} == {""} and report["reason"] is None
    assert done.returncode == 0 and report["severity"] == 0


def test_a_line_per_layer_for_people(tmp_path):
    lines = kodewar("doctor", "--log-dir", tmp_path).stdout.decode().splitlines()
    assert [line.split()[1] for line in lines[1:]] and {line.split()[1] for line in lines[1:]} == LAYERS
    assert all(line.startswith("ok ") for line in lines[1:])


def test_without_root_nothing_is_called_ok():
    done = kodewar("doctor", "--json", preexec_fn=as_nobody)
    report = json.loads(done.stdout)
    assert {layer["state"] for layer in report["layers"]} == {"unknown"}
    assert all("needs root" in layer["detail"] for layer in report["layers"])
    assert report["reason"].startswith("needs root: ") and report["reason"].endswith(")")
    assert "lanes" not in report["host"]
    assert done.returncode == 3


def test_one_reason_for_all_is_told_once_and_whole():
    reason = json.loads(kodewar("doctor", "--json", preexec_fn=as_nobody).stdout)["reason"]
    lines = kodewar("doctor", preexec_fn=as_nobody).stdout.decode().splitlines()
    assert lines[1].endswith(reason)
    assert len(lines) == 2 + len(LAYERS) and all(line.startswith("unknown ") for line in lines[2:])


@pytest.mark.parametrize("layer", ["seccomp", "landlock", "caps", "tree", "netns", "cgroup-memory", "cgroup-pids",
                                   "rlimits", "tmpfs", "cgroup-io"])
def test_a_layer_that_is_off_is_missed(layer, tmp_path):
    done = without(layer, "doctor", "--json", "--log-dir", tmp_path)
    states = {row["layer"]: row["state"] for row in json.loads(done.stdout)["layers"]}
    assert states[layer] == "missing"
    assert done.returncode == (1 if layer in ("landlock", "cgroup-io") else 2)


def test_a_required_layer_that_is_off_refuses_jobs(tmp_path):
    body = json.dumps({"code": "print(1)", "language": "python"}).encode()
    done = without("seccomp", "run", "--log-dir", tmp_path, "-", stdin=body)
    assert done.returncode == 3 and b"seccomp" in done.stderr
    assert json.loads(done.stdout)["status"] == "error"
