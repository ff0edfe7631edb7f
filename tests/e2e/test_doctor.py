# SPDX-License-Identifier: Apache-2.0
"""doctor tells what holds on this host, and claims nothing that it did not try."""
import json
import os
import pathlib
import subprocess

import pytest

from command_line import BINARY, CLEAN_ENV, ROOT, kodewar

LAYERS = {"userns", "pidns", "mountns", "netns", "ipcns", "uts", "cgroupns", "tree", "devices", "tmpfs", "proc", "caps",
          "no-new-privs", "seccomp", "landlock", "rlimits", "cgroup-memory", "cgroup-pids", "cgroup-cpu", "cgroup-io", "cpu", "wall",
          "output", "outlive"}
NOISE = {"cpu-governor", "cpu-turbo", "cpu-threads", "steal", "quota", "load", "swap", "huge-pages", "numa", "clock"}
# Language, what its zygote is made from in the build directory, and what tells the version of its runtime.
RUNNERS = {"python": ("kodewar-python", ["/usr/bin/python3.11", "--version"]),
           "javascript": ("kodewar-node.node", ["/usr/bin/node", "--version"])}


def built(language, program=BINARY):
    return (pathlib.Path(program).parent / RUNNERS[language][0]).exists()


LAYERS_BINARY = ROOT / os.environ.get("KODEWAR_LAYERS_BIN", "build-layers/kodewar")
ALL_BUILT = all(built(language) for language in RUNNERS)


def as_nobody():
    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)


def without(layer, *arguments, stdin=b""):
    """The test-only build (tools/build-variant.sh layers) with one layer switched off."""
    env = dict(CLEAN_ENV, KODEWAR_LAYERS_OFF=layer, KODEWAR_LAYERS_REQUIRED="1")
    return subprocess.run([LAYERS_BINARY, *map(str, arguments)], input=stdin, env=env, capture_output=True, timeout=60,
                          check=False)


def test_every_layer_is_ok_here(tmp_path):
    done = kodewar("doctor", "--json", "--log-dir", tmp_path)
    report = json.loads(done.stdout)
    assert {layer["layer"] for layer in report["layers"]} == LAYERS
    assert {layer["layer"] for layer in report["layers"] if layer["state"] != "ok"} == set()
    assert {layer["cure"] for layer in report["layers"]} == {""} and report["reason"] is None
    assert done.returncode == report["severity"] == (0 if ALL_BUILT else 1)


def test_every_warm_runner_that_was_built_is_ok_here(tmp_path):
    report = json.loads(kodewar("doctor", "--json", "--log-dir", tmp_path).stdout)
    rows = {row["language"]: row for row in report["runners"]}
    assert set(rows) == set(RUNNERS)
    for language, row in rows.items():
        if not built(language):
            assert row["state"] == "missing" and row["version"] is None and row["detail"] and row["cure"]
            continue
        told = subprocess.run(RUNNERS[language][1], capture_output=True, text=True, check=True).stdout
        assert row["state"] == "ok" and row["version"] == told.split()[-1].lstrip("v")
        assert (row["detail"], row["cure"]) == ("", "")


def test_a_quick_look_leaves_out_what_programs_can_do_without(tmp_path):
    done = kodewar("doctor", "--quick", "--json", "--log-dir", tmp_path)
    report = json.loads(done.stdout)
    left_out = {layer["layer"] for layer in report["layers"] if layer["state"] != "ok"}
    assert left_out == {"cgroup-io"} and done.returncode == 0
    assert {row["state"] for row in report["runners"]} == {"unknown"}
    told = [*report["runners"], *(layer for layer in report["layers"] if layer["state"] != "ok")]
    assert {row["detail"] for row in told} == {"left out by --quick"}


@pytest.mark.parametrize("layer, code", [("seccomp", 2), ("landlock", 0)])
def test_a_quick_look_fails_where_programs_are_refused(layer, code, tmp_path):
    assert without(layer, "doctor", "--quick", "--log-dir", tmp_path).returncode == code


def test_a_quick_look_without_root_is_not_ok():
    assert kodewar("doctor", "--quick", preexec_fn=as_nobody).returncode == 3


def test_the_build_has_a_warm_python():
    assert built("python")  # what it needs is in deps/debian.txt


def test_a_line_per_thing_for_people(tmp_path):
    lines = kodewar("doctor", "--log-dir", tmp_path).stdout.decode().splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("noise "))
    lines, noise = lines[:first], [line.split() for line in lines[first:] if not line.startswith(" ")]
    assert {line[1] for line in noise} == NOISE and {line[0] for line in noise} == {"noise"}
    assert {line[2] for line in noise} <= {"quiet:", "noisy:", "unknown:"}
    told = {line.split()[1]: line.split()[0] for line in lines[1:] if not line.startswith(" ")}
    assert told == {**{layer: "ok" for layer in LAYERS},
                    **{f"warm-{name}": "ok" if built(name) else "missing" for name in RUNNERS}}
    assert not ALL_BUILT or len(lines) == 1 + len(told)


def test_noise_is_told_and_changes_no_exit_code():
    done = kodewar("doctor", "--json", preexec_fn=as_nobody)
    rows = {row["name"]: row for row in json.loads(done.stdout)["noise"]}
    assert set(rows) == NOISE and done.returncode == 3
    for row in rows.values():
        assert row["state"] in ("quiet", "noisy", "unknown") and row["gives"] and row["detail"]
        assert bool(row["cure"]) == (row["state"] != "quiet")
    thp = pathlib.Path("/sys/kernel/mm/transparent_hugepage/enabled")
    if thp.exists():
        assert rows["huge-pages"]["state"] == ("noisy" if "[always]" in thp.read_text() else "quiet")
    more = json.loads(kodewar("doctor", "--json", "--lanes", "63", preexec_fn=as_nobody).stdout)
    states = {row["name"]: row["state"] for row in more["noise"]}
    assert os.cpu_count() >= 63 or states["cpu-threads"] in ("noisy", "unknown")
    assert json.loads(kodewar("doctor", "--json", "--quick", preexec_fn=as_nobody).stdout)["noise"] == []


def test_without_root_nothing_is_called_ok():
    done = kodewar("doctor", "--json", preexec_fn=as_nobody)
    report = json.loads(done.stdout)
    assert {layer["state"] for layer in report["layers"]} == {"unknown"}
    assert all("without root" in layer["detail"] for layer in report["layers"])
    assert {row["state"] for row in report["runners"]} == {"unknown"}
    assert all("without root" in row["detail"] and row["version"] is None for row in report["runners"])
    assert report["reason"].startswith("without root: ") and report["reason"].endswith("as root")
    assert "lanes" not in report["host"]
    assert done.returncode == 3


def test_one_reason_for_all_is_told_once_and_whole():
    reason = json.loads(kodewar("doctor", "--json", preexec_fn=as_nobody).stdout)["reason"]
    lines = kodewar("doctor", preexec_fn=as_nobody).stdout.decode().partition("\nnoise ")[0].splitlines()
    assert lines[1].endswith(reason)
    assert len(lines) == 2 + len(LAYERS) + len(RUNNERS) and all(line.startswith("unknown ") for line in lines[2:])


@pytest.mark.parametrize("layer", ["seccomp", "landlock", "caps", "tree", "netns", "cgroup-memory", "cgroup-pids",
                                   "cgroup-cpu", "rlimits", "tmpfs", "cgroup-io"])
def test_a_layer_that_is_off_is_missed(layer, tmp_path):
    done = without(layer, "doctor", "--json", "--log-dir", tmp_path)
    states = {row["layer"]: row["state"] for row in json.loads(done.stdout)["layers"]}
    assert states[layer] == "missing"
    assert done.returncode == (1 if layer in ("landlock", "cgroup-io") else 2)


@pytest.mark.parametrize("layer", ["landlock", "seccomp"])
def test_warm_runners_are_told_whatever_the_layers_are(layer, tmp_path):
    report = json.loads(without(layer, "doctor", "--json", "--log-dir", tmp_path).stdout)
    assert {row["language"] for row in report["runners"] if row["state"] == "ok"} == {
        language for language in RUNNERS if built(language, LAYERS_BINARY)}


def test_a_required_layer_that_is_off_refuses_jobs(tmp_path):
    body = json.dumps({"code": "print(1)", "language": "python"}).encode()
    done = without("seccomp", "run", "--log-dir", tmp_path, "-", stdin=body)
    assert done.returncode == 3 and b"seccomp" in done.stderr
    assert json.loads(done.stdout)["status"] == "error"
