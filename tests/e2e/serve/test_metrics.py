# SPDX-License-Identifier: Apache-2.0
"""What /metrics says beside what was asked: every job and box once, none of the service's own, and no label of a stranger's."""
import json
import re
import time
import uuid

import pytest

from service import ENDLESS, HELLO, JSON, ROOT, serving

CASES = [{"input": "", "expected": "42"}] * 3
C_HELLO = {"language": "c", "code": "#include <stdio.h>\nint main(void) { return puts(\"42\") < 0; }"}
LABELS = {"class", "language", "verdict", "found", "syscall", "stage", "le"}


@pytest.fixture(name="fresh")
def fixture_fresh():
    with serving() as s:
        yield s


def samples(service):
    """{name{labels}: value} of all that is told."""
    text = service.get("/metrics").body.decode()
    return {key: float(value) for key, value in re.findall(r"^([a-z]\S*(?: \S+)*?) (\S+)$", text, re.M)}


def total(found, name, *words):
    return sum(v for k, v in found.items() if re.split(r"[{]", k)[0] == name and all(w in k for w in words))


def since(before, now, name, *words):
    return total(now, name, *words) - total(before, name, *words)


def await_jobs(service, count, timeout=30):
    """A result is told before its client's going away is seen: until so many have ended."""
    until = time.monotonic() + timeout
    while total(found := samples(service), "kodewar_jobs_total") < count:
        assert time.monotonic() < until, found
        time.sleep(.02)
    return found


def test_self_tests_are_nobodys_jobs(fresh):
    found = samples(fresh)
    for name in ("kodewar_jobs_total", "kodewar_boxes_total", "kodewar_stage_seconds_count", "kodewar_box_cpu_seconds_count",
                 "kodewar_denied_calls_total", "kodewar_compile_cache_total"):
        assert any(k.startswith(name) for k in found) and total(found, name) == 0, name


def ask_all_kinds(service):
    """11 jobs with 14 boxes; and 2 refusals, which are no jobs."""
    for _ in range(2):
        assert service.run(**HELLO)["verdict"] == "accepted"
    assert service.run(**HELLO, test_cases=CASES)["verdict"] == "accepted"
    assert service.run(language="python", code="print(1)", test_cases=CASES[:1])["verdict"] == "wrong_answer"
    assert service.run(language="python", code="1/0")["verdict"] == "runtime_error"
    for _ in range(2):  # one compile box, found in the cache the second time
        assert service.run(**C_HELLO)["verdict"] == "accepted"
    jobs = [service.post("/v1/jobs", HELLO).json["id"] for _ in range(3)]
    for job in jobs:
        assert service.get(f"/v1/jobs/{job}?wait=30").json["state"] == "done"
    again = [service.post("/v1/jobs", HELLO, headers={**JSON, "Idempotency-Key": "once"}).json["id"] for _ in range(3)]
    assert len(set(again)) == 1
    assert service.get(f"/v1/jobs/{again[0]}?wait=30").json["state"] == "done"
    assert service.post("/v1/execute", {"language": "klingon", "code": ""}).status == 422
    assert service.post("/v1/jobs", {"language": "python"}).status == 422


def cancel_three(service):
    """One whose client goes away, one that runs and is deleted, one that never began."""
    c = service.connection()
    c.request("POST", "/v1/execute", json.dumps(ENDLESS), JSON)
    service.await_metric("kodewar_jobs_running", 1)
    running = service.post("/v1/jobs", ENDLESS).json["id"]
    service.await_metric("kodewar_lanes_idle", service.metric("kodewar_lanes") - 2)
    blockers = int(service.metric("kodewar_lanes_idle"))
    held = [service.post("/v1/jobs", ENDLESS).json["id"] for _ in range(blockers)]
    service.await_metric("kodewar_lanes_idle", 0)
    waiting = service.post("/v1/jobs", ENDLESS).json["id"]
    service.await_metric("kodewar_jobs_waiting", 1)
    assert service.ask("DELETE", f"/v1/jobs/{waiting}").status == 202
    service.await_metric("kodewar_jobs_waiting", 0)
    c.close()
    for job in [running, *held]:
        assert service.ask("DELETE", f"/v1/jobs/{job}").status == 202
    return 3 + blockers, 2 + blockers


def test_every_job_and_box_counts_once(fresh):
    ask_all_kinds(fresh)
    cancelled, killed = cancel_three(fresh)
    found = await_jobs(fresh, 11 + cancelled)
    jobs = {"accepted": 9, "wrong_answer": 1, "runtime_error": 1, "cancelled": cancelled}
    for verdict in re.findall(r'kodewar_jobs_total\{verdict="(\w+)"\}', "\n".join(found)):
        assert found[f'kodewar_jobs_total{{verdict="{verdict}"}}'] == jobs.get(verdict, 0), verdict
    boxes = {("python", "accepted"): 9, ("python", "wrong_answer"): 1, ("python", "runtime_error"): 1, ("c", "accepted"): 3,
             ("python", "cancelled"): killed}
    for language, verdict in re.findall(r'kodewar_boxes_total\{language="(\w+)",verdict="(\w+)"\}', "\n".join(found)):
        told = found[f'kodewar_boxes_total{{language="{language}",verdict="{verdict}"}}']
        assert told == boxes.pop((language, verdict), 0), (language, verdict)
    assert not boxes
    assert total(found, "kodewar_compile_cache_total", "yes") == 1 and total(found, "kodewar_compile_cache_total", "no") == 1
    count = "kodewar_stage_seconds_count"
    assert total(found, count, "compile") == 1 and total(found, count, 'stage="run"') == 13 + killed
    assert total(found, "kodewar_box_cpu_seconds_count") == total(found, "kodewar_boxes_total")
    assert total(found, count, "queue") == 11 + killed, "the one that was deleted while it waited never began"


def test_answers_are_counted_by_class(fresh):
    before = samples(fresh)
    for status, ask in ((200, lambda: fresh.post("/v1/execute", HELLO)), (404, lambda: fresh.get("/v1/jobs/none")),
                        (422, lambda: fresh.post("/v1/execute", {"language": "klingon", "code": ""}))):
        for _ in range(5):
            assert ask().status == status
    now = samples(fresh)
    assert since(before, now, "kodewar_http_answers_total", "4xx") == 10
    assert since(before, now, "kodewar_http_answers_total", "2xx") == 5 + 1, "with the look before"
    assert since(before, now, "kodewar_http_answers_total", "5xx") == 0


def test_every_metric_is_in_the_handbook(fresh):
    text = fresh.get("/metrics").body.decode()
    told = set(re.findall(r"^# TYPE (\S+)", text, re.M))
    rows = [line for line in (ROOT / "docs/OPERATIONS.md").read_text().splitlines() if line.startswith("| `kodewar_")]
    assert set(re.findall(r"`(kodewar_\w+)`", "\n".join(row.split("|")[1] for row in rows))) == told
    labels = {word for row in rows for word in re.findall(r"`(\w+)`", row.split("|")[2])}
    assert labels == LABELS - {"le"}


def test_no_stranger_makes_a_series(fresh):
    fresh.run(**HELLO)
    before = samples(fresh)
    for _ in range(30):
        word = uuid.uuid4().hex
        fresh.post("/v1/execute", {"language": word, "code": ""})
        fresh.post("/v1/jobs", HELLO, headers={**JSON, "Idempotency-Key": word, "User-Agent": word, "X-Request-Id": word})
        fresh.get(f"/v1/jobs/{word}")
        fresh.get(f"/{word}")
        fresh.ask("PATCH", "/v1/execute")
    now = await_jobs(fresh, 31)
    assert set(now) == set(before)
    assert set(re.findall(r'(\w+)="', "\n".join(now))) <= LABELS
    assert len(now) < 300
