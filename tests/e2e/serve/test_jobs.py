# SPDX-License-Identifier: Apache-2.0
"""Asynchronous jobs, their events, and batches of them."""
import json

import pytest

from service import ENDLESS, HELLO, JSON, events


def submit(service, body=HELLO, **more):
    answer = service.post("/v1/jobs", body, **more)
    assert answer.status == 202, answer.body
    assert answer.headers["Location"] == "/v1/jobs/" + answer.json["id"]
    return answer.json["id"]


def test_a_job_is_accepted_and_its_result_is_kept(service):
    job = submit(service)
    done = service.get(f"/v1/jobs/{job}?wait=30").json
    assert (done["id"], done["state"], done["position"]) == (job, "done", None)
    assert done["result"]["output"] == "42\n" and done["result"]["id"] == job
    assert service.get(f"/v1/jobs/{job}").json == done


def test_prefer_respond_async(service):
    answer = service.post("/v1/execute", HELLO, headers={"Prefer": "respond-async, wait=5"})
    assert answer.status == 202 and answer.headers["Preference-Applied"] == "respond-async"
    assert service.get(answer.headers["Location"] + "?wait=30").json["result"]["verdict"] == "accepted"


def test_a_long_poll_ends_with_the_job_as_it_stands(service):
    job = submit(service, ENDLESS)
    assert service.get(f"/v1/jobs/{job}?wait=1").json["state"] == "running"
    assert service.ask("DELETE", f"/v1/jobs/{job}").status == 202
    done = service.get(f"/v1/jobs/{job}?wait=30").json
    assert done["state"] == "done" and done["result"]["status"] == "error"
    assert service.ask("DELETE", f"/v1/jobs/{job}").status == 200


@pytest.mark.parametrize("wait", ["-1", "61", "x", ""])
def test_a_wait_out_of_bounds_is_refused(service, wait):
    answer = service.get(f"/v1/jobs/{submit(service)}?wait={wait}")
    assert (answer.status, answer.problem["field"]) == (400, "wait")


@pytest.mark.parametrize("job", ["0" * 32, "x", "a" * 200, "%20", "'--"])
@pytest.mark.parametrize("method, tail", [("GET", ""), ("DELETE", ""), ("GET", "/events")])
def test_a_job_that_is_not_there(service, job, method, tail):
    answer = service.ask(method, f"/v1/jobs/{job}{tail}")
    assert answer.status == 404 and answer.problem["detail"]


def test_the_same_key_gives_the_same_job(service):
    key = {"Idempotency-Key": "one-and-the-same"}
    job = submit(service, headers=key)
    assert submit(service, headers=key) == job
    answer = service.post("/v1/jobs", {**HELLO, "code": "print(43)"}, headers=key)
    assert answer.status == 409 and answer.problem["detail"]
    for bad in ("", "a b", "x" * 201):
        assert service.post("/v1/jobs", HELLO, headers={"Idempotency-Key": bad}).problem["field"] == "Idempotency-Key"


def follow(service, job, **headers):
    c = service.connection()
    c.request("GET", f"/v1/jobs/{job}/events", headers=headers)
    response = c.getresponse()
    assert response.status == 200 and response.headers["Content-Type"] == "text/event-stream"
    got = list(events(response))
    c.close()
    return got


def test_events_are_told_to_who_comes_late_and_again(service):
    job = submit(service, {"language": "python", "code": "print(1)", "test_cases": [{"input": "", "expected": "1"}] * 2})
    first = follow(service, job)
    assert first[-1][1] == "result" and [i for i, _, _ in first] == list(range(1, len(first) + 1))
    again = follow(service, job, **{"Last-Event-ID": str(first[-2][0])})
    assert again[-1][1:] == first[-1][1:] and len(again) == 1
    beyond = follow(service, job, **{"Last-Event-ID": "9999"})
    assert beyond == first[-1:], "a stream ends with the result, whatever was seen"
    assert follow(service, job, **{"Last-Event-ID": str((1 << 53) - 1)}) == beyond
    for bad in ("x", "", "-1", str(1 << 53)):
        assert service.get(f"/v1/jobs/{job}/events", headers={"Last-Event-ID": bad}).problem["field"] == "Last-Event-ID", bad


def test_a_watcher_that_leaves_does_not_end_an_accepted_job(service):
    job = submit(service, {"language": "python", "code": "import time; time.sleep(1.5); print('all')"})
    c = service.connection()
    c.request("GET", f"/v1/jobs/{job}/events")
    assert c.getresponse().readline()
    c.close()
    assert service.get(f"/v1/jobs/{job}?wait=30").json["result"]["output"] == "all\n"


def test_a_batch_is_as_many_jobs_each_refused_on_its_own(service):
    bodies = [{"language": "python", "code": f"print({n})"} for n in range(20)]
    bodies[7] = {"language": "klingon", "code": ""}
    answer = service.post("/v1/batches", {"submissions": bodies})
    assert answer.status == 202 and len(answer.json["jobs"]) == 20
    for n, entry in enumerate(answer.json["jobs"]):
        if n == 7:
            assert (entry["status"], entry["field"]) == (422, "language")
        else:
            assert service.get(f"/v1/jobs/{entry['id']}?wait=30").json["result"]["output"] == f"{n}\n"


def test_a_batch_with_a_key_may_be_sent_again(service):
    batch, key = {"submissions": [HELLO] * 3}, {"Idempotency-Key": "batch-key"}
    first = [e["id"] for e in service.post("/v1/batches", batch, headers=key).json["jobs"]]
    assert len(set(first)) == 3
    assert [e["id"] for e in service.post("/v1/batches", batch, headers=key).json["jobs"]] == first


@pytest.mark.parametrize("body, status, field", [
    (b"", 400, "body"), (b"{", 400, "body"), (b"[]", 400, "body"), (b"{}", 422, "submissions"), (b'{"a":[]}', 422, "a"),
    (b'{"submissions":{}}', 422, "submissions"), (b'{"submissions":[]}', 422, "submissions"),
    (b'{"submissions":[1]}', 422, "submissions[0]"), (b'{"submissions":[{}', 400, "body"), (b'{"submissions":[{}], "a":1}', 422, "a"), (b'{"submissions":[{}],}', 400, "body"),
    (b'{"submissions":[{}]}x', 400, "body"), (b'{"submissions":["\xff"]}', 400, "body"),
    (b'{"submissions":[' + b"{}," * 1000 + b"{}]}", 422, "submissions"),
])
def test_a_bad_batch_is_refused_whole(service, body, status, field):
    answer = service.post("/v1/batches", body)
    assert (answer.status, answer.problem["field"]) == (status, field)


def test_elements_of_a_batch_are_taken_apart_where_they_end(service):
    code = 'print("]},{\\\\[")'
    body = json.dumps({"submissions": [{"language": "python", "code": code}, {"language": "python", "code": "x = {}"}]})
    jobs = service.post("/v1/batches", body).json["jobs"]
    assert service.get(f"/v1/jobs/{jobs[0]['id']}?wait=30").json["result"]["output"] == "]},{\\[\n"
    assert service.get(f"/v1/jobs/{jobs[1]['id']}?wait=30").json["result"]["verdict"] == "accepted"
