# SPDX-License-Identifier: Apache-2.0
"""kodewar serve without root, in what a container gives to its user (tests/e2e/lent.py)."""
import json
import os
import signal
import threading

import pytest

import lent
from service import ENDLESS, HELLO, Service, events, request, serving

pytestmark = pytest.mark.skipif(not lent.possible(), reason="needs root and cgroup v1")


@pytest.fixture(name="group", scope="module")
def fixture_group():
    with lent.Group() as group:
        yield group


@pytest.fixture(name="served", scope="module")
def fixture_served(group):
    with serving(wrap=group.command, owner=lent.USER) as s:
        yield s


def test_capabilities_tell_what_holds_and_what_is_lacked(served):
    assert f"\nUid:\t{lent.USER}\t" in open(f"/proc/{served.pid}/status").read()
    told = served.get("/v1/capabilities").json
    assert (told["backend"], told["mode"], told["lanes"], told["ready"]) == ("native", "borrowed", 1, True)
    layers = {x["name"]: x for x in told["layers"]}
    assert {n for n, x in layers.items() if x["state"] != "ok"} - {"landlock"} == {"cgroup-cpu", "cgroup-io"}
    assert not layers["cgroup-cpu"]["required"] and layers["cgroup-memory"]["required"]
    assert len(told["lacks"]) == 5 and told["caps"]["memory_kb"] < 512 * 1024 and told["engine"] == []
    # Its document promises no more than there is.
    doc = served.get("/v1/openapi.json").json
    assert doc["components"]["schemas"]["Limits"]["properties"]["memory_kb"]["maximum"] == told["caps"]["memory_kb"]
    assert told["limits"]["memory_kb"] <= told["caps"]["memory_kb"]


def test_submissions_are_judged_and_watched(served):
    r = served.run(language="python", code="print(int(input())**2)",
                   test_cases=[{"input": "3", "expected": "9"}, {"input": "4", "expected": "15"}])
    assert r["verdict"] == "wrong_answer" and [t["passed"] for t in r["test_results"]] == [True, False]
    c = served.connection()
    c.request("POST", "/v1/execute", json.dumps(HELLO), {"Content-Type": "application/json", "Accept": "text/event-stream"})
    got = [name for _, name, _ in events(c.getresponse())]
    c.close()
    assert [name for name in got if name != "queued"] == ["running", "output", "result"]


def test_more_than_the_container_has_is_refused_by_its_field(served):
    answer = served.post("/v1/execute", {**HELLO, "limits": {"memory_kb": 512 * 1024}})
    assert (answer.status, answer.problem["field"]) == (422, "limits.memory_kb")


def test_a_job_is_cancelled_and_a_client_that_goes_frees_the_lane(served):
    job = served.post("/v1/jobs", ENDLESS).json["id"]
    served.await_metric("kodewar_jobs_running", 1)
    assert served.ask("DELETE", f"/v1/jobs/{job}").status == 202
    assert served.get(f"/v1/jobs/{job}?wait=30").json["state"] == "done"
    with served.socket() as s:
        s.sendall(request("POST", "/v1/execute", json.dumps(ENDLESS).encode()))
        served.await_metric("kodewar_jobs_running", 1)
    served.await_metric("kodewar_jobs_running", 0)
    assert served.run(**HELLO)["output"] == "42\n"


def test_it_drains(group):
    with lent.Group() as other:
        s = Service(wrap=other.command, owner=lent.USER)
        answers = []
        slow = {"language": "python", "code": "import time; time.sleep(2); print('done')"}
        thread = threading.Thread(target=lambda: answers.append(s.post("/v1/execute", slow)))
        thread.start()
        s.await_metric("kodewar_jobs_running", 1)
        os.kill(s.pid, signal.SIGTERM)
        s.await_log("drains")
        assert s.post("/v1/execute", HELLO).status == 503
        thread.join()
        assert answers[0].json["output"] == "done\n"
        s.close()
