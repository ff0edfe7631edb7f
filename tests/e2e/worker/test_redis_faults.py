# SPDX-License-Identifier: Apache-2.0
"""Redis and the way to it break under load.  The property each time: every acknowledged submission has exactly one visible
result or a dead letter, and nothing is left over.  The table in docs/RELIABILITY.md is made of these."""
import contextlib
import json
import os
import pathlib
import random
import signal
import subprocess
import threading
import time

import pytest
import redis

from farm import HELLO, Worker, farming, sleeping, until

JOBS = int(os.environ.get("KODEWAR_QUEUE_JOBS", "2000"))
PRODUCERS = 5


def shell(*words):
    subprocess.run(words, check=True, capture_output=True, timeout=20)


class Producer(threading.Thread):
    """Submits until all its jobs are acknowledged; an answer that was lost is asked for again by the same id."""

    def __init__(self, farm, name, jobs):
        super().__init__()
        self.farm, self.prefix, self.jobs = farm, name, jobs
        self.acknowledged, self.unsure = set(), set()

    def run(self):
        client = redis.Redis(port=self.farm.redis.port, socket_timeout=10)
        for n in range(self.jobs):
            job = f"{self.prefix}-{n}"
            body = json.dumps({"language": "python", "code": f"print({n} * 2)"})
            while job not in self.acknowledged:
                try:
                    client.xadd("kodewar:jobs", {"id": job, "payload": body})
                    self.acknowledged.add(job)
                except (redis.ConnectionError, redis.TimeoutError, redis.ResponseError):
                    self.unsure.add(job)
                    time.sleep(0.05)


def produce(farm, jobs, producers=PRODUCERS):
    threads = [Producer(farm, f"p{i}", jobs // producers) for i in range(producers)]
    for t in threads:
        t.start()
    return threads


def check(farm, threads, seconds=120, lost_allowed=False):
    """Whatever was acknowledged has one result, the right one; nothing else is there."""
    for t in threads:
        t.join(seconds)
        assert not t.is_alive()
    jobs = set().union(*(t.acknowledged for t in threads))
    until(lambda: farm.left() == 0, seconds, every=0.1)
    keys = set(farm.client.keys("kodewar:result:*"))
    missing = {j for j in jobs if f"kodewar:result:{j}" not in keys}
    if lost_allowed:
        return jobs, missing
    assert not missing, sorted(missing)[:10]
    assert len(keys) == len(jobs)
    for job in random.sample(sorted(jobs), min(len(jobs), 200)):
        result = json.loads(farm.client.get(f"kodewar:result:{job}"))
        assert (result["output"], result["id"]) == (f"{int(job.split('-')[1]) * 2}\n", job), result
    assert farm.held() == 0
    return jobs, missing


def test_many_jobs_from_five_producers_while_workers_are_killed():
    with farming() as farm:
        farm.worker("--deliveries=20", lanes=1)
        farm.worker("--deliveries=20", lanes=1)
        threads = produce(farm, JOBS)
        for _ in range(3):
            time.sleep(1)
            farm.workers[0].kill()
            farm.workers.pop(0)
            farm.worker("--deliveries=20", lanes=1)
        jobs, _ = check(farm, threads, 120 + JOBS / 20)
        assert len(jobs) == JOBS
        assert farm.letters() == []
        # Counted behind the transaction: a worker that is killed between the two leaves what it held uncounted.
        assert JOBS - 3 * 4 <= farm.counted("judged") <= JOBS


@pytest.mark.parametrize("how", ["always", "everysec"])
def test_redis_is_killed_and_comes_back_with_its_log(how):
    with farming("--appendonly", "yes", "--appendfsync", how) as farm:
        farm.worker("--deliveries=20", lanes=2)
        threads = produce(farm, 400)
        for _ in range(2):
            time.sleep(0.7)
            farm.redis.stop(signal.SIGKILL)
            time.sleep(0.5)
            farm.redis.start()
        check(farm, threads)


def test_redis_forgets_everything():
    """Without persistence what was acknowledged before is gone, and only that; the worker goes on by itself."""
    with farming() as farm:
        farm.worker(lanes=1)
        farm.add("before")
        farm.result("before")
        for n in range(20):
            farm.add(f"lost{n}", sleeping(0.5))
        until(farm.held)
        farm.redis.stop(signal.SIGKILL)
        farm.redis.start()
        farm.add("after")
        assert farm.result("after")["output"] == "42\n"
        until(lambda: farm.left() == 0)
        assert farm.client.exists("kodewar:result:before") == 0


def test_redis_is_out_of_memory():
    """Submissions are refused, results wait in the worker with their leases, and nothing is lost when there is room."""
    with farming("--maxmemory-policy", "noeviction") as farm:
        farm.worker("--deliveries=20", lanes=1, lease=2)
        for n in range(3):
            farm.add(f"m{n}", sleeping(1))
        until(lambda: farm.held() >= 2)
        farm.client.config_set("maxmemory", 1)
        with pytest.raises(redis.OutOfMemoryError):
            farm.add("refused")
        until(lambda: "OOM" in farm.workers[0].log() or "EXECABORT" in farm.workers[0].log())
        time.sleep(5)  # longer than two leases: the job must stay where it is
        assert farm.left() == 3 and not farm.client.keys("kodewar:result:*")
        assert all(e["times_delivered"] == 1 for e in farm.pending())
        farm.client.config_set("maxmemory", 0)
        for n in range(3):
            assert farm.result(f"m{n}")["output"] == "done\n"
        until(lambda: farm.left() == 0)
        assert farm.counted("judged") == 3 and farm.letters() == []


@contextlib.contextmanager
def network():
    """A host of its own for a worker: a namespace at the other end of a veth."""
    name = f"kwq{os.getpid() % 10000}"
    here, there = f"{name}a", f"{name}b"
    third = os.getpid() % 250
    try:
        shell("ip", "netns", "add", name)
        shell("ip", "link", "add", here, "type", "veth", "peer", "name", there, "netns", name)
        shell("ip", "addr", "add", f"10.213.{third}.1/24", "dev", here)
        shell("ip", "link", "set", here, "up")
        shell("ip", "-n", name, "addr", "add", f"10.213.{third}.2/24", "dev", there)
        shell("ip", "-n", name, "link", "set", there, "up")
        yield name, here, f"10.213.{third}.1"
    finally:
        subprocess.run(["ip", "link", "del", here], capture_output=True, check=False)
        subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


class FarWorker(Worker):
    def __init__(self, namespace, *arguments, **named):
        self.namespace = namespace
        super().__init__(*arguments, **named)

    def launch(self, command):
        return ["nsenter", f"--net=/run/netns/{self.namespace}", *command]  # `ip netns exec` hides the cgroups


def test_a_worker_is_cut_off_and_comes_back():
    with network() as (namespace, veth, address), farming("--protected-mode", "no", "--bind", address, "127.0.0.1") as farm:
        far = FarWorker(namespace, f"redis://{address}:{farm.redis.port}/0", lanes=1, lease=2)
        farm.workers.append(far)
        farm.add("cut", {"language": "python", "code": "import time\ntime.sleep(2)\nprint(time.time())"})
        until(farm.held)
        shell("ip", "link", "set", veth, "down")
        cut = time.monotonic()
        farm.worker(lanes=1, lease=2)
        result = farm.result("cut")
        assert time.monotonic() - cut < 20
        shell("ip", "link", "set", veth, "up")
        until(lambda: farm.counted("twins") == 1, 60)
        assert farm.result("cut") == result and farm.left() == 0
        # It is one of them again: with the other gone it does the work.
        farm.workers[-1].term()
        farm.workers[-1].end()
        farm.add("healed")
        assert farm.result("healed", 40)["output"] == "42\n"


def test_no_password_is_ever_logged(tmp_path):
    with farming("--requirepass", "s3cret-word") as farm:
        client = redis.Redis(port=farm.redis.port, password="s3cret-word", decode_responses=True)
        wrong = Worker(f"redis://:wr0ng-word@127.0.0.1:{farm.redis.port}/0")
        farm.workers.append(wrong)
        until(lambda: "WRONGPASS" in wrong.log())
        assert "wr0ng-word" not in wrong.log()
        right = Worker(f"redis://:s3cret-word@127.0.0.1:{farm.redis.port}/0")
        farm.workers.append(right)
        client.xadd("kodewar:jobs", {"id": "x", "payload": json.dumps(HELLO)})
        until(lambda: client.get("kodewar:result:x"))
        assert "s3cret-word" not in right.log()
