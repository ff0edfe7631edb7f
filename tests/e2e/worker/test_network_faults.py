# SPDX-License-Identifier: Apache-2.0
"""Hosts on a network that fails: cut off and healed, slow, breaking; and clocks that are wrong.  The rows are in
docs/RELIABILITY.md."""
import contextlib
import os
import random
import time

import pytest
import redis

from farm import Farm, Redis, Worker, farming, sleeping, until
from hosts import FarFarm, Line, Network
from load import Producer, check, produce, truth
from preloads import SkewedRedis, SkewedWorker

JOBS = int(os.environ.get("KODEWAR_NETWORK_JOBS", "120"))
LEASE = 2
SKEW = 600


class Paced(Producer):
    """On the producers' host, and slowly enough to be there for every fault."""

    def connect(self):
        self.farm.network.enter("producer")
        return redis.Redis.from_url(self.farm.redis.far_url, socket_timeout=5)

    def pause(self):
        time.sleep(0.05)


@contextlib.contextmanager
def hosts():
    with Network("redis", "w1", "w2", "w3", "producer") as network, farming(network, kind=FarFarm) as farm:
        yield network, farm


def workers_seen(farm, n):
    until(lambda: len(farm.client.keys(farm.key("worker", "*"))) == n, 30)


def test_every_host_is_cut_off_and_healed_in_turn():
    """Workers one by one for longer than their lease, the producers, and Redis itself, while jobs come and run."""
    with hosts() as (network, farm):
        for name in ("w1", "w2", "w3"):
            farm.far_worker(name, "--deliveries=20", lanes=1, lease=LEASE)
        workers_seen(farm, 3)
        threads = produce(farm, JOBS, kind=Paced)
        for name in ("w1", "w2", "w3", "producer", "redis"):
            network.cut(name)
            time.sleep(LEASE + 0.6)
            if name == "redis":
                truth(farm)  # nothing moves, and what is held by whom one can no longer hear is still held
            network.heal(name)
        farm.workers[0].kill()
        jobs = check(farm, threads)
        assert len(jobs) == JOBS and farm.letters() == []


def test_a_worker_is_cut_off_in_mid_job_and_comes_back():
    with hosts() as (network, farm):
        first = farm.far_worker("w1", lanes=1, lease=LEASE)
        farm.add("cut", {"language": "python", "code": "import time\ntime.sleep(2)\nprint(time.time())"})
        until(farm.held)
        truth(farm, held=1, left=1, judged=0)
        network.cut("w1")
        cut = time.monotonic()
        farm.far_worker("w2", lanes=1, lease=LEASE)
        result = farm.result("cut")
        assert time.monotonic() - cut < 20
        truth(farm, held=0, left=0, judged=1, twins=0)
        network.heal("w1")
        until(lambda: farm.counted("twins") == 1, 60)
        assert farm.result("cut") == result
        truth(farm, held=0, left=0, judged=1, twins=1)
        # It is one of them again: with the other gone it does the work.
        farm.workers[-1].term()
        farm.workers[-1].end()
        farm.add("healed")
        assert farm.result("healed", 40)["output"] == "42\n"
        assert first.process.poll() is None


class NearProducer(Producer):
    def connect(self):
        return redis.Redis(port=self.farm.redis.line.port, socket_timeout=5)


@contextlib.contextmanager
def slow_farm(**line):
    class SlowFarm(Farm):
        """Everyone but the test comes by the line."""

        def serve(self):
            server = Redis()
            server.line = Line(server.port, **line)
            return server

        def slow_worker(self, *options, **named):
            self.workers.append(Worker(f"redis://127.0.0.1:{self.redis.line.port}/0", *options, **named))

    with farming(kind=SlowFarm) as farm:
        yield farm
        farm.redis.line.close()


def test_a_slow_line_that_stalls_and_breaks():
    """A tenth of a second each way, more where something is lost, and connections that break in the midst of anything."""
    with slow_farm(delay=0.1, stall=0.6, breaks=0.01, seed=random.randrange(1000)) as farm:
        for _ in range(2):
            farm.slow_worker("--deliveries=20", "--prefetch=6", lanes=1, lease=LEASE)
        jobs = check(farm, produce(farm, 40, kind=NearProducer))
        assert len(jobs) == 40 and farm.letters() == []
        assert farm.redis.line.carried > 100


def test_clocks_of_workers_are_wrong():
    """By ten minutes, in both directions: neither takes the other's jobs before their lease is over, nor keeps them longer."""
    with farming() as farm:
        for skew in (SKEW, -SKEW):
            farm.workers.append(SkewedWorker(skew, farm.redis.url, "--prefetch=0", lanes=1, lease=LEASE))
        for n in range(4):
            farm.add(f"long{n}", sleeping(LEASE * 1.5))
        until(lambda: farm.held() == 2)
        for n in range(4):
            farm.result(f"long{n}")
        until(lambda: farm.left() == 0)
        truth(farm, judged=4, twins=0, dead_letters=0)
        stamps = [w.log().splitlines()[0][:16] for w in farm.workers]
        assert stamps[0] != stamps[1], stamps  # the skew was there
        farm.add("taken", sleeping(LEASE))
        until(farm.held)
        holder = farm.pending()[0]["consumer"]
        victim = next(w for w in farm.workers if f"-{w.process.pid}-" in holder)
        died = time.monotonic()
        victim.kill()
        until(lambda: [e for e in farm.pending() if e["consumer"] != holder], 20)
        assert time.monotonic() - died <= LEASE + 1
        assert farm.result("taken")["output"] == "done\n"


@pytest.mark.parametrize("step", [SKEW, -SKEW])
def test_the_clock_of_redis_is_set(step):
    """Forward, and every lease is over at once: jobs are judged twice, results stay one. Backward: they are held longer."""
    class SkewedFarm(Farm):
        def serve(self):
            return SkewedRedis()
    with farming(kind=SkewedFarm) as farm:
        for _ in range(2):
            farm.worker("--deliveries=20", lanes=1, lease=LEASE)
        threads = produce(farm, 60)
        farm.add("runs-0", {"language": "python", "code": "import time\ntime.sleep(2)\nprint(0)"})
        threads[0].acknowledged.add("runs-0")
        until(farm.held)
        before = farm.client.time()[0]
        farm.redis.clock.set(step)
        assert abs(farm.client.time()[0] - before - step) < 5
        check(farm, threads, 60)
        assert farm.letters() == []
