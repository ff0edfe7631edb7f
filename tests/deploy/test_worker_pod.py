# SPDX-License-Identifier: Apache-2.0
"""A worker's pod serves and drains; and the lengths by which deploy/kubernetes scales are true, on a real Redis."""

import os
import signal

import pytest
import redis

from manifests import STREAMS
from pods import SPEC, as_user, in_a_pod, pod, probe
from farm import GROUP


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
    with pod(farm, memory=None) as (process, _, said):
        assert said == "" and process.wait(30) == 3
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
