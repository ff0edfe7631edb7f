# SPDX-License-Identifier: Apache-2.0
"""A queue in a Redis Cluster: found by any node, and found again when its slot moves or its node dies."""
import json
import threading

import pytest
import redis

from farm import HELLO, farming, sleeping, until
from gates import gating, ready
from topology import ClusterFarm

JOBS = 40


@pytest.fixture(scope="module")
def cluster():
    with farming(0, kind=ClusterFarm) as f:
        yield f


def submit(farm, url, *words):
    return farm.command("submit", "--redis", url, "--wait", "30", *words, "-", input=json.dumps(HELLO))


def test_every_node_knows_the_way(cluster):
    cluster.worker(lanes=2, lease=2)
    urls = [u for n in cluster.redis.nodes for u in (f"redis+cluster://127.0.0.1:{n.port}", f"redis://127.0.0.1:{n.port}")]
    for url in [*urls, f"redis+cluster://127.0.0.1:1,127.0.0.1:{cluster.redis.nodes[0].port}/0"]:
        done = submit(cluster, url, *(() if "cluster" in url else ("--queue", "{kodewar}")))
        assert done.returncode == 0 and json.loads(done.stdout)["output"] == "42\n", (url, done)
    until(lambda: cluster.counted("judged") == len(urls) + 1)
    assert {cluster.redis.client.keyslot(s) for s in cluster.streams} == {cluster.redis.client.keyslot("{kodewar}")}


def test_a_gate_stands_before_it_too(cluster):
    with gating(cluster) as gate:
        ready(gate)
        key = {"Idempotency-Key": "cluster"}
        jobs = {gate.post("/v1/jobs", HELLO, headers=key).json["id"] for _ in range(2)}
        assert len(jobs) == 1
        assert gate.get(f"/v1/jobs/{jobs.pop()}?wait=30").json["result"]["output"] == "42\n"
        assert b"event: running" in gate.post("/v1/execute", HELLO, headers={"Accept": "text/event-stream"}).body


def test_what_is_refused(cluster):
    node = cluster.redis.nodes[0].port
    for url, words, code, said in [(f"redis+cluster://127.0.0.1:{node}", ("--queue", "plain"), 2, "--queue: must be {NAME}"),
                                   (f"redis+cluster://127.0.0.1:{node}/1", (), 2, "database 0"),
                                   ("redis+cluster://127.0.0.1:1", (), 3, "127.0.0.1:1"),
                                   (f"redis://127.0.0.1:{node}/1", (), 3, "refused")]:
        done = submit(cluster, url, *words)
        assert (done.returncode, said in done.stderr) == (code, True), done


def adding(farm, prefix):
    """Jobs, by a library that knows what a Cluster is."""
    def add():
        for n in range(JOBS):
            while True:
                try:
                    farm.add(f"{prefix}{n}", {"language": "python", "code": f"print({n} * 2)"})
                    break
                except redis.RedisError:
                    pass
    thread = threading.Thread(target=add)
    thread.start()
    return thread


def finished(farm, thread, prefix):
    thread.join(60)
    assert not thread.is_alive()
    for n in range(JOBS):
        assert farm.result(f"{prefix}{n}")["output"] == f"{n * 2}\n"
    until(lambda: farm.left() == 0)
    assert farm.held() == 0 and farm.letters() == []
    state = until(lambda: (s := farm.state())["workers"] >= 1 and s, 10)
    assert sum(s["waiting"] + s["held"] for s in state["streams"].values()) == 0


def ids_at(node, stream):
    """What is there already of a slot that is on its way."""
    with node.client.client() as one:
        one.execute_command("ASKING")
        return {fields["id"] for _, fields in one.xrange(stream)}


def test_the_slot_moves_in_mid_job(cluster):
    """Key by key, as a reshard does it, with a moment in which some are here and some are there."""
    client = cluster.redis.client
    slot = client.keyslot("{kodewar}")
    here = cluster.redis.owner("{kodewar}")
    there = next(n for n in cluster.redis.nodes if n is not here)
    cluster.add("moves", sleeping(3))
    until(cluster.held)
    thread = adding(cluster, "m")
    there.client.execute_command("CLUSTER SETSLOT", slot, "IMPORTING", here.id)
    here.client.execute_command("CLUSTER SETSLOT", slot, "MIGRATING", there.id)
    here.client.execute_command("MIGRATE", "127.0.0.1", there.port, "{kodewar}:jobs", 0, 5000)
    done = threading.Thread(target=lambda: seen.append(submit(cluster, cluster.redis.url, "--id", "between")))
    seen = []
    done.start()
    until(lambda: "between" in ids_at(there, "{kodewar}:jobs"))  # at once: it followed ASK
    while keys := here.client.execute_command("CLUSTER GETKEYSINSLOT", slot, 100):
        here.client.execute_command("MIGRATE", "127.0.0.1", there.port, "", 0, 5000, "KEYS", *keys)
    for node in (there, here, *cluster.redis.nodes):
        node.client.execute_command("CLUSTER SETSLOT", slot, "NODE", there.id)
    assert cluster.redis.owner("{kodewar}") is there
    done.join(40)
    assert seen[0].returncode == 0, seen[0]
    assert cluster.result("moves")["output"] == "done\n"
    finished(cluster, thread, "m")


def test_the_node_dies_and_its_replica_takes_over():
    with farming(1, kind=ClusterFarm) as farm:
        farm.worker("--deliveries=20", lanes=2, lease=2)
        owner = farm.redis.owner("{kodewar}")
        farm.add("runs", sleeping(4))
        until(farm.held)
        assert owner.client.wait(1, 5000) == 1
        owner.process.kill()
        owner.process.wait()
        until(lambda: farm.redis.owner("{kodewar}") is not owner, 40)
        thread = adding(farm, "f")
        assert farm.result("runs")["output"] == "done\n"
        finished(farm, thread, "f")
