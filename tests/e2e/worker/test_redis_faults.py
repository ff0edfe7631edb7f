# SPDX-License-Identifier: Apache-2.0
"""Redis and the way to it break under load.  The property each time: every acknowledged submission has exactly one visible
result or a dead letter, and nothing is left over.  The table in docs/RELIABILITY.md is made of these."""
import json
import os
import signal
import time

import pytest
import redis

from farm import HELLO, Farm, Worker, farming, sleeping, until
from load import Producer, check, produce, truth
from preloads import PoweredRedis

JOBS = int(os.environ.get("KODEWAR_QUEUE_JOBS", "2000"))
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
        jobs = check(farm, threads, 120 + JOBS / 20)
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
            time.sleep(0.3)
            told = farm.command("queue")
            assert told.returncode == 3 and "refused" in told.stderr, told
            farm.redis.start()
        check(farm, threads)


class Dated(Producer):
    """Knows when each was acknowledged, and is there for a while."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.dates = {}

    def pause(self):
        for job in self.acknowledged - self.dates.keys():
            self.dates[job] = time.monotonic()
        time.sleep(0.01)


@pytest.mark.parametrize("how", ["always", "everysec"])
def test_the_power_of_redis_is_cut(how):
    """Its file keeps what was synced. `always`: nothing that was acknowledged is lost; `everysec`: the last moments are, and
    who submits the same ids again has them judged."""
    class PoweredFarm(Farm):
        def serve(self):
            return PoweredRedis("--appendonly", "yes", "--appendfsync", how)
    with farming(kind=PoweredFarm) as farm:
        farm.worker("--deliveries=20", lanes=2)
        threads = produce(farm, 300, producers=1, kind=Dated)
        until(lambda: len(threads[0].dates) > 100)
        begun = farm.redis.syncs()
        until(lambda: farm.redis.syncs() > begun)
        time.sleep(0.3)  # a good while from the next one
        assert farm.redis.cut_power() > 0 or how == "always"
        cut = time.monotonic()
        time.sleep(0.2)
        farm.redis.start()
        threads[0].join(60)
        until(lambda: farm.left() == 0, 60)
        dates = threads[0].dates
        assert len(dates) >= 299
        lost = {j for j in dates if not farm.client.exists(f"kodewar:result:{j}")}
        if how == "always":
            assert not lost
        assert all(0 <= cut - dates[j] < 3 for j in lost)
        for job in lost:
            farm.add(job, {"language": "python", "code": f"print({job.split('-')[1]} * 2)"})
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
        truth(farm, left=0, dead_letters=0)


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
        truth(farm, left=3, judged=0)
        farm.client.config_set("maxmemory", 0)
        for n in range(3):
            assert farm.result(f"m{n}")["output"] == "done\n"
        until(lambda: farm.left() == 0)
        until(lambda: farm.counted("judged") == 3)  # counted a moment after
        assert farm.letters() == []


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
