# SPDX-License-Identifier: Apache-2.0
"""The real Flower, asked over its HTTP API what it sees of a kodewar worker."""

import contextlib
import http.client
import json
import os
import subprocess
import tempfile
import time

import pytest
from broker import NEWEST, free_port, python_of

TASK = "core.tasks.run_code_task"


class Flower:
    def __init__(self, redis):
        self._dir = tempfile.TemporaryDirectory(prefix="kodewar-flower-")
        self.port = free_port()
        self.process = subprocess.Popen(
            [python_of(NEWEST), "-m", "celery", "-b", redis.url, "flower", "--address=127.0.0.1", f"--port={self.port}"],
            cwd=self._dir.name, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "FLOWER_UNAUTHENTICATED_API": "true"})

    def get(self, path):
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as c:
            c.request("GET", path)
            r = c.getresponse()
            body = r.read()
            assert r.status == 200, (path, r.status, body[:200])
            return json.loads(body)

    def until(self, path, good, seconds=40):
        """What it answers as soon as that is good."""
        end, seen = time.monotonic() + seconds, None
        while time.monotonic() < end:
            with contextlib.suppress(OSError, AssertionError, http.client.HTTPException):
                seen = self.get(path)
                if good(seen):
                    return seen
            assert self.process.poll() is None
            time.sleep(0.2)
        raise AssertionError(f"{path}: {seen}")

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._dir.cleanup()


@pytest.fixture(scope="module", name="flower")
def fixture_flower(redis, worker, newest):
    """It switches the events of the worker on, which is told nothing about it, and does so every few seconds."""
    with contextlib.closing(Flower(redis)) as f:
        f.until("/workers?json=1", lambda seen: any(w["hostname"] == "kw1@host" and w["status"] for w in seen["data"]))
        f.until("/api/tasks", lambda tasks: tasks or newest("send('print(0)', 'python') and None"))
        yield f


def test_the_worker_is_online_and_known(flower):
    known = flower.until("/api/workers?refresh=1", lambda seen: "active_queues" in seen.get("kw1@host", {}))["kw1@host"]
    assert [q["name"] for q in known["active_queues"]] == ["code_execution"]
    assert known["registered"] == [TASK]
    assert known["stats"]["pool"]["max-concurrency"] == 2
    assert flower.get("/api/workers?status=1") == {"kw1@host": True}


def test_tasks_are_seen_to_succeed_and_to_expire(flower, newest):
    newest("globals().update(rs=[send('print(%d)' % i, 'python') for i in range(5)])")
    assert newest("[get(r)['status'] for r in rs]") == ["success"] * 5
    ids = set(newest("[r.id for r in rs]"))
    seen = flower.until("/api/tasks", lambda tasks: all(tasks.get(i, {}).get("state") == "SUCCESS" for i in ids))
    for i in ids:
        task = seen[i]
        assert (task["name"], task["worker"]) == (TASK, "kw1@host"), task
        assert 0 < task["runtime"] < 30 and task["received"] <= task["started"] <= task["succeeded"]
        assert task["result"].endswith("bytes")  # how large: the result itself may be a megabyte
    one = newest("send('print(1)', 'python', expires=-1).id")
    late = flower.until(f"/api/tasks?taskname={TASK}", lambda tasks: tasks.get(one, {}).get("state") == "REVOKED")[one]
    assert late["revoked"] and late["succeeded"] is None
    row = flower.until("/workers?json=1", lambda table: table["data"][0]["active"] == 0)["data"][0]
    assert row["task-succeeded"] >= 5 and row["task-received"] >= row["task-succeeded"]


def test_flower_ends_a_task(flower, newest):
    newest("globals().update(r=send('import time; time.sleep(60)', 'python'))")
    task = newest("r.id")
    flower.until("/api/tasks", lambda tasks: tasks.get(task, {}).get("state") == "STARTED")
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", flower.port, timeout=20)) as c:
        c.request("POST", f"/api/task/revoke/{task}?terminate=true")
        assert c.getresponse().status == 200
    flower.until("/api/tasks", lambda tasks: tasks.get(task, {}).get("state") == "REVOKED")
