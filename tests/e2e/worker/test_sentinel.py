# SPDX-License-Identifier: Apache-2.0
"""A primary that Sentinels know: found by them, and found again when it is another one."""
import json
import signal
import threading
import time

import pytest
import redis

from farm import HELLO, farming, sleeping, until
from topology import PRIMARY, WatchedFarm

JOBS = 30


@pytest.fixture
def watched():
    with farming(kind=WatchedFarm) as f:
        yield f


class Producer(threading.Thread):
    """Counts a job as acknowledged when all other servers that live have it; asks again by the same id until then. Fewer are
    not enough: a deposed primary keeps one for a while, and any primary may be deposed: on a starved machine for nothing."""

    def __init__(self, farm):
        super().__init__(daemon=True)
        self.farm, self.acknowledged = farm, set()

    def run(self):
        for n in range(JOBS):
            while f"p{n}" not in self.acknowledged:
                try:
                    server = self.farm.redis.primary
                    others = self.farm.redis.others
                    server.client.xadd("kodewar:jobs", {"id": f"p{n}", "payload": json.dumps(
                        {"language": "python", "code": f"import time\ntime.sleep(0.1)\nprint({n} * 2)"})})
                    if server.client.wait(others, 1000) >= others:
                        self.acknowledged.add(f"p{n}")
                except redis.RedisError:
                    pass
                time.sleep(0.05)  # so that it goes on for as long as there is no primary


def test_what_the_commands_say(watched):
    """Before any worker is there: Sentinels that are gone are passed over, and a name that none knows is told."""
    servers = watched.redis
    some = servers.nodes.split(",")[1:]
    good = f"redis+sentinel://127.0.0.1:1,{','.join(some)}/{PRIMARY}"
    for url, code, said in [(good, 0, "job-0"), (good + "/3?sentinel_password=x", 3, "127.0.0.1"),
                            (servers.url + "-not", 3, f"no Sentinel names the primary of {PRIMARY}-not"),
                            (f"redis+sentinel://127.0.0.1:1/{PRIMARY}", 3, "no Sentinel names"),
                            (f"redis+sentinel://{some[0]}", 2, "the primary's name is missing"),
                            (f"redis+sentinel://127.0.0.1:{servers.primary.port}/x", 3, "unknown command")]:
        done = watched.command("submit", "--redis", url, "--detach", "--id", "job-0", "-", input=json.dumps(HELLO))
        assert (done.returncode, said in done.stdout + done.stderr) == (code, True), done
    assert watched.left() == 1


@pytest.mark.parametrize("how", ["killed", "asked", "starved"])
def test_another_primary_in_mid_job(watched, how):
    """The primary dies, is told to step back, or stands still until it is deposed and then goes on; jobs run, wait and come
    all the while."""
    servers = watched.redis
    for _ in range(2):
        watched.worker("--deliveries=20", lanes=2)
    old = servers.primary
    producer = Producer(watched)
    producer.start()
    watched.add("runs", sleeping(3))
    waiting = threading.Thread(target=lambda: seen.append(watched.command("submit", "--id", "waits", "-", input=json.dumps(sleeping(4)))))
    seen = []
    waiting.start()
    until(lambda: {"runs", "waits"} <= ids(watched) and len(producer.acknowledged) > 5)
    assert servers.client.wait(2, 1000) == 2
    if how == "killed":
        old.stop(signal.SIGKILL)
    elif how == "asked":
        until(lambda: asked(servers))
    else:
        old.process.send_signal(signal.SIGSTOP)
    servers.moved_from(old.port)
    if how == "starved":
        old.process.send_signal(signal.SIGCONT)
    assert len(producer.acknowledged) < JOBS
    producer.join(60)
    assert len(producer.acknowledged) == JOBS
    waiting.join(60)
    assert seen[0].returncode == 0 and json.loads(seen[0].stdout)["output"] == "done\n", seen[0]
    for n in range(JOBS):
        assert watched.result(f"p{n}")["output"] == f"{n * 2}\n"
    assert watched.result("runs")["output"] == "done\n"
    until(lambda: watched.left() == 0)
    assert watched.held() == 0 and watched.letters() == []
    assert len(servers.client.keys("kodewar:result:*")) == JOBS + 2
    state = until(lambda: (s := watched.state())["workers"] == 2 and s, 10)
    assert sum(s["waiting"] + s["held"] for s in state["streams"].values()) == 0


def asked(servers):
    try:
        return redis.Redis(port=servers.watchers[0].port).sentinel_failover(PRIMARY)
    except redis.ResponseError:  # one is under way, or the last was a moment ago
        return False


def ids(farm):
    try:
        return {fields["id"] for s in farm.streams for _, fields in farm.client.xrange(s)
                if any(True for _ in farm.pending(s))}
    except redis.RedisError:
        return set()
