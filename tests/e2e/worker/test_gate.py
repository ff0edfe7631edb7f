# SPDX-License-Identifier: Apache-2.0
"""Gates before a queue: what is particular to them. Two of them, one Redis, real workers."""
import concurrent.futures
import json
import pathlib
import re
import subprocess
import time

import pytest

from farm import BINARY, CLEAN_ENV, HELLO, farming, sleeping, until
from gates import Service, connected, gating, ready, standing

SSE = {"Accept": "text/event-stream"}
KEYS = {"Content-Type": "application/json"}
DOCS = pathlib.Path(__file__).resolve().parents[3] / "docs"


@pytest.fixture(scope="module")
def both():
    """(farm, one gate, another)"""
    with standing() as (farm, gates):
        yield farm, *gates


@pytest.fixture
def lone():
    """A gate whose queue nobody serves yet."""
    with farming() as farm, gating(farm) as gate:
        connected(gate)
        yield farm, gate


def stream(gate, path, **headers):
    c = gate.connection()
    c.request("GET", path, headers={**SSE, **headers})
    response = c.getresponse()
    assert response.status == 200
    return c, response


def read_events(response):
    """(id, name) until the end, or until the connection is closed under it."""
    number = None
    for line in response:
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name == "id":
            number = int(value)
        elif name == "event":
            yield number, value


def begin(gate, body, headers=None):
    """A request that is on its way, without waiting for its answer."""
    c = gate.connection(60)
    c.request("POST", "/v1/execute", json.dumps(body), {**KEYS, **(headers or {})})
    return c


# ---- one queue, any gate ----

def test_events_are_followed_at_another_gate_and_resumed_at_a_third(both):
    farm, a, b = both
    job = a.post("/v1/jobs", {"language": "python", "code": "import time\nfor i in range(4):\n print(i, flush=True)\n time.sleep(0.3)"}).json["id"]
    c, response = stream(b, f"/v1/jobs/{job}/events")
    seen = []
    for event in read_events(response):
        seen.append(event)
        if event[1] == "output":
            break
    c.close()
    c, response = stream(a, f"/v1/jobs/{job}/events", **{"Last-Event-ID": str(seen[-1][0])})
    seen += read_events(response)
    c.close()
    assert [n for n, _ in seen] == list(range(1, len(seen) + 1)), seen
    assert seen[-1][1] == "result" and [name for _, name in seen].count("output") == 4


def test_a_key_makes_one_job_at_all_gates_at_once(both):
    farm, a, b = both
    before = farm.tally("judged")
    key = {"Idempotency-Key": "at-once"}
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = [f.result() for f in [pool.submit(g.post, "/v1/jobs", HELLO, headers=key) for g in [a, b] * 4]]
    assert {r.status for r in answers} == {202} and len({r.json["id"] for r in answers}) == 1
    assert b.get(f"/v1/jobs/{answers[0].json['id']}?wait=30").json["state"] == "done"
    until(lambda: farm.left() == 0)
    assert farm.tally("judged") == before + 1
    assert b.post("/v1/jobs", sleeping(0), headers=key).status == 409


def test_a_synchronous_key_is_joined_and_outlives_who_left_first(both):
    farm, a, b = both
    key = {"Idempotency-Key": "joined"}
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        first = begin(a, sleeping(2), key)
        until(lambda: farm.held() == 1)
        second = pool.submit(b.post, "/v1/execute", sleeping(2), headers=key)
        until(lambda: "2" in [farm.client.hget(k, "watchers") for k in farm.client.keys("kodewar:job:*")])
        first.close()
        assert second.result().json["output"] == "done\n"


def test_when_the_last_has_left_the_key_makes_another_job(both):
    farm, a, b = both
    key = {"Idempotency-Key": "left"}
    before = farm.tally("cancelled")
    begun = begin(a, sleeping(30), key)
    until(lambda: farm.held() == 1)
    begun.close()
    until(lambda: farm.counted("cancelled") == before + 1)
    answer = b.post("/v1/execute", sleeping(30) | {"limits": {"wall_ms": 100}}, headers={"Idempotency-Key": "other"})
    assert answer.json["verdict"] == "time_limit"
    again = begin(b, sleeping(30), key)
    until(lambda: farm.held() == 1)
    again.close()
    until(lambda: farm.counted("cancelled") == before + 2)


def test_a_key_whose_gate_died_before_the_job_was_made(both):
    farm, a, b = both
    answer = a.post("/v1/jobs", HELLO, headers={"Idempotency-Key": "first"})
    known = farm.client.keys("kodewar:key:*")
    value = next(v for v in map(farm.client.get, known) if v.startswith(answer.json["id"]))
    job = "ab" * 16
    name = next(k for k in known if farm.client.get(k) == value)
    farm.client.set(name, job + value[32:])
    answer = b.post("/v1/jobs", HELLO, headers={"Idempotency-Key": "first"})
    assert answer.status == 202 and answer.json["id"] == job
    assert a.get(f"/v1/jobs/{job}?wait=30").json["result"]["output"] == "42\n"


def test_a_job_is_cancelled_at_another_gate(both):
    farm, a, b = both
    job = a.post("/v1/jobs", sleeping(50)).json["id"]
    until(lambda: b.get(f"/v1/jobs/{job}").json["state"] == "running")
    assert b.ask("DELETE", f"/v1/jobs/{job}").status == 202
    done = a.get(f"/v1/jobs/{job}?wait=30").json
    assert done["state"] == "done" and done["result"]["status"] == "error"


def test_jobs_of_other_producers_are_nobodys(both):
    farm, a, b = both
    farm.add("raw-job", events="1")
    farm.result("raw-job")
    assert a.get("/v1/jobs/raw-job").status == 404


def test_priorities_are_streams(lone):
    farm, gate = lone
    for priority, name in ((9, "kodewar:jobs:high"), (0, "kodewar:jobs"), (-1, "kodewar:jobs:low")):
        assert gate.post(f"/v1/jobs?priority={priority}", HELLO).status == 202
        assert farm.client.xlen(name) == 1


def test_a_worker_dies_and_the_client_does_not_notice():
    with standing(n=1, lanes=1) as (farm, gate):
        body = sleeping(0.5)
        begun = begin(gate, body)
        until(lambda: farm.held() == 1)
        farm.workers[0].kill()
        farm.worker(lease=1)
        answer = begun.getresponse()
        assert answer.status == 200 and json.loads(answer.read())["output"] == "done\n"


# ---- whose it is ----

def tokens(path, last, *names):
    """Headers by name, of a file with these tenants, of whom the last has `last` beside his hash."""
    path.parent.chmod(0o755)
    who = {}
    for name in names:
        said = subprocess.run([BINARY, "token", "--tokens", path, name], capture_output=True, text=True, env=CLEAN_ENV, check=True)
        who[name] = {"Authorization": "Bearer " + said.stdout.strip()}
    with open(path, "a") as f:
        f.write(last)
    return who


def test_tenants_see_their_own_and_bring_their_bounds(tmp_path):
    file = tmp_path / "tokens.yaml"
    who = tokens(file, "  queue: 2\n  caps: {wall_ms: 300}\n", "bob", "ann")
    with farming() as farm, gating(farm, "--tokens", file, n=2) as (a, b):
        ann, bob = who["ann"], who["bob"]
        connected(a, b)
        jobs = [a.post("/v1/jobs", sleeping(30), headers=ann).json["id"] for _ in range(2)]
        full = b.post("/v1/jobs", HELLO, headers=ann)
        assert full.status == 429 and int(full.headers["Retry-After"]) > 0 and full.problem["position"] == 2
        other = b.post("/v1/jobs", HELLO, headers=bob)
        assert other.status == 202
        for path in (f"/v1/jobs/{jobs[0]}", f"/v1/jobs/{jobs[0]}/events"):
            assert b.get(path, headers=bob).status == 404
        assert b.ask("DELETE", f"/v1/jobs/{jobs[0]}", headers=bob).status == 404
        assert a.post("/v1/execute", sleeping(1) | {"limits": {"wall_ms": 400}}, headers=ann).problem["field"] == "limits.wall_ms"
        farm.worker(lanes=2)
        for job in jobs:  # asked for nothing: her cap is the limit, on a worker that knows nothing of her
            assert b.get(f"/v1/jobs/{job}?wait=30", headers=ann).json["result"]["verdict"] == "time_limit"
        assert farm.client.scard("kodewar:live:ann") == 0
        assert b.post("/v1/jobs", HELLO, headers=ann).status == 202


def test_limits_of_the_gates_configuration_reach_the_worker(tmp_path):
    config = tmp_path / "gate.yaml"
    config.write_text("limits:\n  wall_ms: 200\nredis_workers: 0\n")
    with farming() as farm, gating(farm, "--config", config) as gate:
        ready(gate)  # nobody need live
        farm.worker()
        assert gate.run(**sleeping(30))["verdict"] == "time_limit"


def test_an_entry_whose_bounds_cannot_be_read_is_refused(both):
    farm, *_ = both
    for n, fields in enumerate(({"caps": "wall_ms=x"}, {"caps": "nonsense=1"}, {"limits": "cpu_ms"}, {"boxes": "-1"}, {"deadline_ms": "1e3"})):
        farm.add(f"unread-{n}", **fields)
        result = farm.result(f"unread-{n}")
        assert result["error"].startswith(next(iter(fields)) + ":") and result["verdict"] is None, result


def test_a_dead_letter_keeps_its_bounds(lone):
    farm, gate = lone
    farm.client.xadd("kodewar:dead", {"id": "letter", "priority": "normal", "tenant": "", "gate": "1", "caps": "wall_ms=200", "limits": "",
                                      "boxes": "1", "events": "output", "payload": json.dumps(sleeping(20))})
    assert farm.command("queue", "requeue", "letter").stdout == "1\n"
    assert gate.get("/v1/jobs/letter").json["state"] == "queued"
    farm.worker()
    assert gate.get("/v1/jobs/letter?wait=30").json["result"]["verdict"] == "time_limit"


# ---- too much, too late ----

def test_a_full_queue_is_429(tmp_path):
    config = tmp_path / "gate.yaml"
    config.write_text("queue: 3\n")
    with farming() as farm, gating(farm, "--config", config, n=2) as (a, b):
        connected(a, b)
        assert [g.post("/v1/jobs", HELLO).status for g in (a, b, a, b)] == [202, 202, 202, 429]
        batch = b.post("/v1/batches", {"submissions": [HELLO] * 2}).json["jobs"]
        assert [e["status"] for e in batch] == [429, 429]
        farm.worker()
        until(lambda: farm.left() == 0)
        answers = b.post("/v1/batches", {"submissions": [sleeping(1)] * 5}).json["jobs"]
        assert [("id" in e) for e in answers] == [True] * 3 + [False] * 2


def test_a_job_that_waited_too_long(lone):
    farm, gate = lone
    job = gate.post("/v1/jobs?deadline_ms=50", HELLO).json["id"]
    time.sleep(0.1)  # by the clock of Redis
    farm.worker()
    result = gate.get(f"/v1/jobs/{job}?wait=30").json["result"]
    assert result["verdict"] == "internal_error" and "deadline" in result["error"]


# ---- without Redis, without workers ----

def test_readiness_tells_of_workers(lone):
    farm, gate = lone
    assert gate.get("/healthz").status == 200 and gate.metric('kodewar_queue_workers{queue="kodewar"}') == 0
    worker = farm.worker()
    ready(gate)
    assert gate.get("/v1/capabilities").json["queue"] == {"name": "kodewar", "workers": 1}
    assert gate.get("/v1/capabilities").json["lanes"] == 1 and gate.metric("kodewar_lanes") == 1
    worker.term()
    worker.end()
    until(lambda: gate.get("/readyz").status == 503, 5)


def test_redis_goes_and_comes_back():
    with farming("--appendonly", "yes", "--appendfsync", "always") as farm, gating(farm, n=2) as (a, b):
        farm.worker("--prefetch=1")
        ready(a)
        job = a.post("/v1/jobs", HELLO).json["id"]
        assert a.get(f"/v1/jobs/{job}?wait=30").json["state"] == "done"
        waiting = begin(b, sleeping(2))
        until(lambda: farm.held() == 1)
        farm.redis.stop()
        until(lambda: a.get("/readyz").status == 503)
        for answer in (a.post("/v1/jobs", HELLO), a.post("/v1/execute", HELLO), a.get(f"/v1/jobs/{job}"), a.ask("DELETE", f"/v1/jobs/{job}"),
                       a.get(f"/v1/jobs/{job}/events"), a.post("/v1/jobs", HELLO, headers={"Idempotency-Key": "away"})):
            assert answer.status == 503 and answer.problem["detail"] and int(answer.headers["Retry-After"]) > 0
        batch = a.post("/v1/batches", {"submissions": [HELLO]}).json["jobs"]
        assert batch[0]["status"] == 503
        assert a.get("/healthz").status == 200 and a.metric('kodewar_queue_up{queue="kodewar"}') == 0
        farm.redis.start()
        answer = waiting.getresponse()
        assert answer.status == 200 and json.loads(answer.read())["output"] == "done\n"
        ready(a)
        assert a.run(**HELLO)["output"] == "42\n"
        assert b.get(f"/v1/jobs/{job}").json["state"] == "done"


def test_nobody_waits_for_what_redis_has_forgotten(lone):
    farm, gate = lone
    begun = begin(gate, HELLO)
    until(lambda: farm.left() == 1)
    farm.redis.stop()
    farm.redis.start()  # empty
    answer = json.loads(begun.getresponse().read())
    assert answer["verdict"] == "internal_error" and "queue" in answer["error"]


def test_redis_that_is_full_takes_nothing_and_says_so():
    with farming("--maxmemory-policy", "noeviction") as farm, gating(farm) as gate:
        connected(gate)
        farm.client.config_set("maxmemory", "1")
        answer = gate.post("/v1/jobs", HELLO)
        assert answer.status == 503 and answer.problem["detail"] == "no job can be kept safe now"
        farm.client.config_set("maxmemory", "0")
        assert gate.post("/v1/jobs", HELLO).status == 202 and farm.left() == 1


def test_a_gate_that_ends_answers_who_waits():
    with farming() as farm, gating(farm) as gate:
        farm.worker()
        ready(gate)
        begun = begin(gate, sleeping(1))
        until(lambda: farm.held() == 1)
        gate.process.terminate()
        answer = begun.getresponse()
        assert answer.status == 200 and json.loads(answer.read())["output"] == "done\n"
        assert gate.process.wait(20) == 0


@pytest.mark.parametrize("url, word", [("http://x", "redis"), ("env", "KODEWAR_REDIS")])
def test_a_queue_that_cannot_be_one_is_refused(url, word):
    done = subprocess.run([BINARY, "serve", "--redis", url], capture_output=True, text=True, env=CLEAN_ENV, timeout=30)
    assert done.returncode == 2 and word in done.stderr


def test_a_gate_needs_no_rights_but_those_that_are_written_down():
    """Neither on this host nor in Redis."""
    rule = re.search(r"^user gate +(.*)$", (DOCS / "QUEUE.md").read_text(), re.M)[1]
    with farming() as farm:
        farm.worker()
        farm.client.execute_command("ACL", "SETUSER", "gate", *rule.replace(">SECRET", ">pw").split())
        url = f"redis://gate:pw@127.0.0.1:{farm.redis.port}/0"
        gate = Service("--redis", "env", env={"KODEWAR_REDIS": url}, owner=4321, prefix=("setpriv", "--reuid=4321", "--regid=4321", "--clear-groups"))
        try:
            ready(gate)
            answer = gate.post("/v1/execute", HELLO, headers={**SSE, "Idempotency-Key": "k"})
            assert answer.status == 200 and b"event: running" in answer.body
            job = gate.post("/v1/jobs", sleeping(30), headers={"Idempotency-Key": "j"}).json["id"]
            assert gate.ask("DELETE", f"/v1/jobs/{job}").status == 202
            assert gate.get(f"/v1/jobs/{job}?wait=30").json["state"] == "done"
            begun = begin(gate, sleeping(30), {"Idempotency-Key": "l"})
            until(lambda: farm.held() == 1)
            begun.close()
            until(lambda: farm.left() == 0)
            assert [e for e in farm.client.acl_log() if e["username"] == "gate"] == []
        finally:
            gate.close()


def test_what_redis_forbids_is_said():
    with farming() as farm:
        farm.client.execute_command("ACL", "SETUSER", "gate", "on", ">pw", "~kodewar:*", "+@all", "-smembers", "-subscribe", "resetchannels")
        gate = Service("--redis", f"redis://gate:pw@127.0.0.1:{farm.redis.port}/0")
        try:
            gate.await_log("NOPERM")
            assert gate.get("/readyz").status == 503
        finally:
            gate.close()
