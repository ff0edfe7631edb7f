# SPDX-License-Identifier: Apache-2.0
"""Jobs that come all the while, and the property that must hold whatever breaks: every acknowledged submission has exactly
one visible result or a dead letter, nothing is left over, and `kodewar queue` says so."""
import json
import random
import threading
import time

import redis

from farm import until


class Producer(threading.Thread):
    """Submits until all its jobs are acknowledged; an answer that was lost is asked for again by the same id."""

    def __init__(self, farm, name, jobs):
        super().__init__()
        self.farm, self.prefix, self.jobs = farm, name, jobs
        self.acknowledged, self.unsure = set(), set()

    def connect(self):
        return redis.Redis(port=self.farm.redis.port, socket_timeout=10)

    def pause(self):
        """Between two jobs."""

    def run(self):
        client = self.connect()
        for n in range(self.jobs):
            job = f"{self.prefix}-{n}"
            body = json.dumps({"language": "python", "code": f"print({n} * 2)"})
            self.pause()
            while job not in self.acknowledged:
                try:
                    client.xadd("kodewar:jobs", {"id": job, "payload": body})
                    self.acknowledged.add(job)
                except (redis.ConnectionError, redis.TimeoutError, redis.ResponseError):
                    self.unsure.add(job)
                    time.sleep(0.05)


def produce(farm, jobs, producers=5, kind=Producer):
    threads = [kind(farm, f"p{i}", jobs // producers) for i in range(producers)]
    for t in threads:
        t.start()
    return threads


def check(farm, threads, seconds=120):
    """Whatever was acknowledged has one result, the right one; nothing else is there."""
    for t in threads:
        t.join(seconds)
        assert not t.is_alive()
    jobs = set().union(*(t.acknowledged for t in threads))
    until(lambda: farm.left() == 0, seconds, every=0.1)
    keys = set(farm.client.keys("kodewar:result:*"))
    missing = {j for j in jobs if f"kodewar:result:{j}" not in keys}
    assert not missing, sorted(missing)[:10]
    assert len(keys) == len(jobs)
    for job in random.sample(sorted(jobs), min(len(jobs), 200)):
        result = json.loads(farm.client.get(f"kodewar:result:{job}"))
        assert (result["output"], result["id"]) == (f"{int(job.split('-')[1]) * 2}\n", job), result
    truth(farm, held=0, left=0)
    return jobs


def truth(farm, **expected):
    """`kodewar queue` says what is in Redis, where nothing moves at the moment; and what the test expects of it."""
    def facts():
        return {"dead_letters": farm.client.xlen(farm.key("dead")), "workers": len(farm.client.keys(farm.key("worker", "*"))),
                "left": farm.left(), "held": farm.held(), "judged": farm.counted("judged"), "twins": farm.counted("twins")}

    def agree():
        before, said, after = facts(), farm.state(), facts()
        flat = {"dead_letters": said["dead_letters"], "workers": said["workers"], "judged": said["total"]["judged"],
                "twins": said["total"]["twins"], "held": sum(s["held"] for s in said["streams"].values()),
                "left": sum(s["held"] + s["waiting"] for s in said["streams"].values())}
        if before != after:
            return None
        assert flat == before
        return flat
    flat = until(agree, 60)
    assert {k: flat[k] for k in expected} == expected
    return flat
