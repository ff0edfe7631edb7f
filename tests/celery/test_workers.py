# SPDX-License-Identifier: Apache-2.0
"""Several workers on one broker: killed, ended, beside one of Celery's own."""

import contextlib
import pickle
import subprocess

import pytest
from broker import CeleryWorker, Client, Redis, Worker

LEASE = ("--lease", "3")


@pytest.fixture(name="redis")
def fixture_redis():
    with contextlib.closing(Redis()) as r:
        yield r


@pytest.fixture(name="client")
def fixture_client(redis):
    with contextlib.closing(Client(redis)) as c:
        yield c


def nothing_left(client):
    client("until(lambda: not app.backend.client.exists('unacked', 'unacked_index', 'code_execution'))")


def test_a_killed_worker_loses_nothing(redis, client):
    """The second worker takes over when the lease is over, long before the visibility timeout."""
    with contextlib.closing(Worker(redis, "a@host", *LEASE)) as a:
        client("globals().update(rs=[send('import time; time.sleep(0.2); print(%d)' % i, 'python') for i in range(40)])")
        client("until(lambda: sum(r.ready() for r in rs) > 4)")
        a.kill()
    assert int(redis.cli("HLEN", "unacked")) > 0
    with contextlib.closing(Worker(redis, "b@host", *LEASE)):
        assert client("[get(r)['output'] for r in rs]") == [f"{i}\n" for i in range(40)]
        nothing_left(client)


def test_a_long_task_keeps_its_lease(redis, client):
    with contextlib.closing(Worker(redis, "a@host", *LEASE)), contextlib.closing(Worker(redis, "b@host", *LEASE)):
        assert client("get(send('import time; time.sleep(7); print(1)', 'python'))")["output"] == "1\n"
        stats = client("app.control.inspect().stats()")
        assert sum(s["kodewar"]["processed"] for s in stats.values()) == 1


def test_a_worker_that_ends_gives_back(redis, client):
    with contextlib.closing(Worker(redis, "a@host", "--drain", "2")) as a:
        client("globals().update(rs=[send('import time; time.sleep(9)', 'python', countdown=i // 3 * 600) for i in range(6)])")
        client("until(lambda: app.backend.client.hlen('unacked') == 6)")
        assert a.stop() == 0
    assert redis.cli("EXISTS", "unacked") == "0" and redis.cli("LLEN", "code_execution") == "6"
    assert client("__import__('json').loads(app.backend.client.lrange('code_execution', 0, 0)[0])"
                  "['headers']['redelivered']") is True


def test_beside_a_worker_of_celerys(redis, client):
    with contextlib.closing(Worker(redis, "a@host")), contextlib.closing(Worker(redis, "b@host")), \
            contextlib.closing(CeleryWorker(redis)):
        client("until(lambda: len(app.control.ping(timeout=1)) == 3)")
        client("globals().update(rs=[send('print(%d)' % i, 'python') for i in range(600)])")
        outputs = client("[get(r)['output'] for r in rs]")
        assert all(o in ("celery", f"{i}\n") for i, o in enumerate(outputs))
        assert 0 < outputs.count("celery") < 600
        assert all(s["total"]["core.tasks.run_code_task"] > 0 for s in client("app.control.inspect().stats()").values())
        nothing_left(client)


def test_a_message_of_celerys_dead_worker(redis, client):
    """Left in the unacked hash as kombu writes it, and older than the visibility timeout."""
    client("globals().update(r=send('print(1)', 'python'))")
    client("""exec('''
import json
c = app.backend.client
m = json.loads(c.rpop("code_execution"))
c.hset("unacked", "a-tag", json.dumps([m, "", "code_execution"]))
c.zadd("unacked_index", {"a-tag": time.time() - 100})
''', globals())""")
    with contextlib.closing(Worker(redis, "a@host", "--visibility-timeout", "60")):
        assert client("get(r)['output']") == "1\n"
        nothing_left(client)


def test_a_message_of_celerys_live_worker_is_left_alone(redis, client):
    redis.cli("HSET", "unacked", "a-tag", "[{}, \"\", \"code_execution\"]")
    client("app.backend.client.zadd('unacked_index', {'a-tag': time.time() - 50})")
    with contextlib.closing(Worker(redis, "a@host", "--visibility-timeout", "60", *LEASE)):
        assert client("get(send('print(1)', 'python', countdown=2))")["output"] == "1\n"
        assert redis.cli("HLEN", "unacked") == "1"


def test_redis_goes_away_and_comes_back(redis, client):
    with contextlib.closing(Worker(redis, "a@host")):
        client("globals().update(rs=[send('import time; time.sleep(2); print(%d)' % i, 'python') for i in range(2)])")
        client("until(lambda: app.backend.client.hlen('unacked') == 2)")
        redis.cli("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        assert client("[get(r)['output'] for r in rs]") == ["0\n", "1\n"]
        nothing_left(client)


def test_a_full_redis_is_waited_for(redis, client):
    with contextlib.closing(Worker(redis, "a@host")):
        client("globals().update(r=send('import time; time.sleep(1); print(\"x\" * 1000)', 'python'))")
        client("until(lambda: app.backend.client.hlen('unacked') == 1)")
        redis.cli("CONFIG", "SET", "maxmemory", "1")
        with pytest.raises(AssertionError, match="timed out|Timeout"):
            client("r.get(timeout=3)")
        redis.cli("CONFIG", "SET", "maxmemory", "0")
        assert len(client("get(r)['output']")) == 1001
        nothing_left(client)


def test_the_shutdown_broadcast(redis, client):
    with contextlib.closing(Worker(redis, "a@host")) as a:
        client("app.control.shutdown()")
        assert a.process.wait(30) == 0


@pytest.mark.parametrize("form", ["pickle", "json"])
def test_the_cache_entry(redis, client, form):
    with contextlib.closing(Worker(redis, "a@host", "--cache", redis.url.replace("/0", "/2"), "--cache-format", form)):
        result = client("get(call(code='print(1)', language='python', submission_id=12))")
    assert int(redis.cli("-n", "2", "TTL", ":1:submission_12")) > 80000
    raw = subprocess.run(["redis-cli", "-p", str(redis.port), "-n", "2", "GET", ":1:submission_12"],
                         check=True, capture_output=True).stdout[:-1]
    assert (pickle.loads(raw) if form == "pickle" else __import__("json").loads(raw)) == result


@pytest.mark.parametrize("options, text", [
    (["--celery-task", "a b"], "--celery-task"),
    (["--celery-queue", "a b"], "--celery-queue"),
    (["--celery-node", "a/b"], "--celery-node"),
    (["--celery-results", "http://x"], "redis://"),
])
def test_a_bad_command_line(options, text):
    run = subprocess.run([Worker.__init__.__globals__["BINARY"], "worker", "--celery", *options],
                         capture_output=True, text=True, timeout=20, check=False)
    assert run.returncode == 2 and text in run.stderr, run.stderr
