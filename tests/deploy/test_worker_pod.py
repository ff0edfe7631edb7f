# SPDX-License-Identifier: Apache-2.0
"""The pod's command and its probe in what a pod gives (tests/e2e/lent.py: no root, no capability, a control group to read); and
the Redis users and lengths that deploy/kubernetes and docs/QUEUE.md speak of, on a real Redis."""

import contextlib
import os
import re
import signal
import subprocess
import sys

import pytest
import redis

from manifests import FOLDER, ROOT, STREAMS, everything

sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "tests/e2e/worker")]
import command_line  # noqa: E402
import lent  # noqa: E402
from farm import GROUP, farming  # noqa: E402

POD, = [d for _, d in everything() if (d["kind"], d["metadata"]["name"]) == ("Deployment", "kodewar-worker")]
SPEC = POD["spec"]["template"]["spec"]
CONTAINER, = SPEC["containers"]
PROBE = CONTAINER["startupProbe"]["exec"]["command"]
RULES = (ROOT / "docs/QUEUE.md").read_text(encoding="utf-8") + (FOLDER / "secret.example.yaml").read_text(encoding="utf-8")
in_a_pod = pytest.mark.skipif(not lent.possible(), reason="needs root and cgroup v1")


@pytest.fixture(name="farm", scope="module")
def fixture_farm():
    """A Redis with the users of the documents, whose passwords are their names."""
    with farming() as farm:
        for name in ("worker", "producer", "scaler"):
            rule, = re.findall(rf"^[# ]*user {name} +on >\S+ (.*)$", RULES, re.M)
            farm.client.execute_command("ACL", "SETUSER", name, "on", f">{name}", *rule.split())
        yield farm


def as_user(farm, name):
    return redis.Redis(port=farm.redis.port, username=name, password=name, decode_responses=True)


@contextlib.contextmanager
def pod(farm, **memory):
    """(its process, its pid 1, its group), once it works or has ended."""
    env = command_line.CLEAN_ENV | {"KODEWAR_REDIS": f"redis://worker:worker@127.0.0.1:{farm.redis.port}/0"}
    with lent.Group(**memory) as group, subprocess.Popen(
            group.command(command_line.BINARY, *CONTAINER["args"]), cwd=ROOT, env=env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            said = process.stdout.readline()
            children = f"/proc/{process.pid}/task/{process.pid}/children"
            with open(children, encoding="ascii") as f:
                first = f.read().split()
            yield process, int(first[0]) if said else None, said
        finally:
            process.kill()  # unshare's --kill-child takes all of it along
            process.wait()


def probe(first):
    """As kubelet does it: a process more in the container, as its user."""
    command = [command_line.BINARY if word == "/usr/bin/kodewar" else word for word in PROBE]
    return subprocess.run(["nsenter", "-t", str(first), "-m", "-p", "setpriv", "--reuid", str(lent.USER), "--regid", str(lent.USER),
                           "--clear-groups", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", *command], cwd=ROOT,
                          env=command_line.CLEAN_ENV, capture_output=True, text=True, timeout=60, check=False)


@in_a_pod
def test_the_pods_command_serves_the_queue_and_drains(farm):
    with pod(farm) as (process, first, said):
        assert said.startswith("kodewar works for queue kodewar ") and " 1 lanes" in said, process.stderr.read()
        as_user(farm, "producer").xadd("kodewar:jobs", {"id": "pod-1", "payload": '{"language": "python", "code": "print(6 * 7)"}'})
        result = farm.result("pod-1")
        assert result["output"] == "42\n" and result["verdict"] is None or result["verdict"] == "accepted"
        done = probe(first)
        assert done.returncode == 0, done.stdout + done.stderr
        os.kill(first, signal.SIGTERM)
        assert process.wait(SPEC["terminationGracePeriodSeconds"]) == 0, process.stderr.read()
    assert farm.left() == 0


@in_a_pod
def test_a_pod_without_a_limit_of_its_memory_takes_no_job(farm):
    farm.add("pod-2")
    with pod(farm, memory=None) as (process, first, said):
        assert first is None and said == "" and process.wait(30) == 3
        assert "memory" in process.stderr.read()
    assert farm.left() == 1 and farm.held() == 0
    farm.client.delete(*STREAMS)


def test_who_scales_sees_lengths_and_nothing_else(farm):
    scaler = as_user(farm, "scaler")
    for stream in STREAMS:
        farm.client.xadd(stream, {"payload": "secret"})
        assert scaler.xlen(stream) == 1
    for words in (["XRANGE", "kodewar:jobs", "-", "+"], ["XADD", "kodewar:jobs", "*", "a", "b"], ["GET", "kodewar:result:a"],
                  ["XLEN", "kodewar:dead"], ["DEL", "kodewar:jobs"]):
        with pytest.raises(redis.exceptions.NoPermissionError):
            scaler.execute_command(*words)
    farm.client.delete(*STREAMS)


def test_the_lag_of_the_group_forgets_who_works_and_may_be_unknown_but_the_length_is_true(farm):
    """Why keda.yaml scales on streamLength and not on lagCount: what workers do, step by step."""
    c, stream = farm.client, "kodewar:jobs:low"
    c.xgroup_create(stream, GROUP, id="0", mkstream=True)
    for n in range(10):
        c.xadd(stream, {"id": f"lag-{n}"})

    def take(count):
        return [entry for entry, _ in c.xreadgroup(GROUP, "me", {stream: ">"}, count=count)[0][1]]

    def lag():
        return c.xinfo_groups(stream)[0]["lag"]

    slow, *_, newest = take(3)
    c.xack(stream, GROUP, newest)
    c.xdel(stream, newest)
    assert slow and lag() is None and c.xlen(stream) == 9
    take(7)
    assert lag() == 0 and c.xlen(stream) == 9, "nine workers are busy, and by the lag none would be needed"
    c.delete(stream)
