# SPDX-License-Identifier: Apache-2.0
"""The bench of the queue: its promises can break, its section replaces itself and no other, what it sends is what it says."""
import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))
import promises  # noqa: E402
import report  # noqa: E402
import resp  # noqa: E402
import workers  # noqa: E402
from measure import Absent  # noqa: E402
from test_bench_service import measured as of_service  # noqa: E402

MACHINE = {"commit": "0123456", "date": "2000-01-01", "load before": "0 0 0"}


def measured(ratio=1.2, tasks=4.0, processor=5.0, taken_sec=3.2):
    return {"machine": MACHINE, "absent": {}, "queue": {
        "overhead": {"jobs": 2000, "queue_rate": 800.0, "engine_rate": 960.0, "ratio": ratio, "worker_us": 1500.0, "redis_us": 100.0,
                     "engine_us": 1400.0, "commands": {"xadd": 1.0, "exists": 2.0}},
        "sizes": {"payload_bytes": 143, "waiting_bytes": 200.0, "result_bytes": 1100.0, "result_text_bytes": 660},
        "carries": None, "takeover": {"lease_sec": 3, "rounds": 6, "max_sec": taken_sec, "median_sec": 2.9},
        "celery": tasks and {"tasks": 300, "version": "5.7", "ratio": tasks, "processor": processor, "ours": 400.0, "plain": 100.0,
                             "ours_us": 2000.0, "plain_us": 10000.0}}}


def held(result):
    return [held for *_, held in promises.queue(result)]


def test_promises_hold_and_break_one_by_one():
    assert held(measured()) == [True] * 4
    for i, worse in enumerate(({"ratio": 1.51}, {"tasks": 2.9}, {"processor": 2.9}, {"taken_sec": 4.01})):
        assert [n for n, ok in enumerate(held(measured(**worse))) if not ok] == [i], worse
    assert held({"queue": None}) == [False] * 4, "what was not measured does not hold"
    assert held(measured(tasks=None)) == [True, None, None, True], "a Celery that is not there breaks nothing"


def test_sections_replace_themselves_and_no_other():
    first, second, service = measured(), measured(ratio=2.0), of_service()
    for result in (first, second):
        result["promises"] = promises.queue(result)
    service["promises"] = promises.service(service)
    old = (ROOT / "docs/BENCH.md").read_text()
    once = report.with_queue(old, first)
    again = report.with_queue(once, second)
    assert report.with_queue(again, first) == once
    assert again.count(report.QUEUE) == 1 and again.count("| Queue: ") == 4
    assert "| 2x | **broken** |" in again and "**1.20 times its time**" in once
    both = report.with_service(once, service)
    assert both.count(report.QUEUE) == both.count(report.SERVICE) == 1 and report.queue(first).strip() in both
    assert sorted(report.with_queue(both, first).splitlines()) == sorted(both.splitlines()), "but for the order of promises"
    assert report.with_inside(both, {**first, "inside": None}).count(report.QUEUE) == 1


def test_tasks_differ_in_nothing_but_their_ids():
    message = {"body": "e30=", "headers": {"id": "a", "root_id": "a", "task": "t"},
               "properties": {"correlation_id": "a", "delivery_tag": "b", "delivery_info": {"routing_key": "bench.plain"}}}
    ids, packed = workers.tasks(json.dumps(message), "bench.ours", 3)
    assert len(set(ids)) == len(packed) == 3
    sent = [json.loads(p.split(b"\r\n")[-2]) for p in packed]
    assert [s["headers"]["id"] for s in sent] == [s["properties"]["correlation_id"] for s in sent] == ids
    assert len({s["properties"]["delivery_tag"] for s in sent}) == 3 and {s["body"] for s in sent} == {"e30="}


def test_a_client_reads_what_redis_says():
    server = resp.Server()
    try:
        ask = server.client
        assert ask("SET", "a", b"\r\n") == b"OK" and ask("GET", "a") == b"\r\n" and ask("GET", "b") is None
        assert ask.many([resp.pack("RPUSH", "l", n) for n in range(3)]) == [1, 2, 3] and ask("LRANGE", "l", 0, -1) == [b"0", b"1", b"2"]
        with pytest.raises(resp.RedisError, match="unknown command"):
            ask("NONSENSE")
        before = server.calls()
        ask("GET", "a")
        assert server.calls()["get"] == before["get"] + 1
    finally:
        server.close()


def test_a_wrong_result_ends_the_bench():
    class Client:
        def many(self, packed):
            return [b'{"verdict":"wrong_answer"}' for _ in packed]

        def __call__(self, *words):
            return 0
    with pytest.raises(Absent, match="wrong_answer"):
        workers.forget(type("Redis", (), {"client": Client()})(), ["x"])
