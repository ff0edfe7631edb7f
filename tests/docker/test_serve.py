# SPDX-License-Identifier: Apache-2.0
"""kodewar serve --backend docker: what is asked over HTTP runs in containers, and capabilities tell so."""
import json
import pathlib
import re
import signal
import sys
import threading
import time

import pytest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "e2e/serve"))
from service import ENDLESS, HELLO, Service, events, request, serving  # noqa: E402

pytestmark = pytest.mark.timeout(580)
C = {"language": "c", "code": "int main(void) { return 0; }"}


def options(engine, image):
    return ("--backend=docker", f"--docker-host={engine.env['DOCKER_HOST']}", f"--docker-image={image}", "--lanes=2")


@pytest.fixture(name="served", scope="module")
def fixture_served(engine, image):
    with serving(*options(engine, image)) as s:
        yield s


def test_capabilities_tell_of_the_engine(served):
    told = served.get("/v1/capabilities").json
    assert (told["backend"], told["mode"], told["lanes"], told["ready"]) == ("docker", "engine", 2, True)
    layers = {x["name"]: x for x in told["layers"]}
    # What a container cannot have is missing, and not said to be required; limits were tried, not believed.
    assert {n for n, x in layers.items() if x["state"] != "ok" and x["required"]} == set(), layers
    assert {layers[n]["state"] for n in ("seccomp", "netns", "cgroup-memory", "cgroup-pids", "cpu", "wall")} == {"ok"}
    engine = {x["name"]: x for x in told["engine"]}
    assert {engine[n]["state"] for n in ("engine", "api", "image", "container", "runtime", "limit-memory")} == {"ok"}
    assert {r["state"] for r in told["runners"]} == {"missing"} and told["lacks"] == []


def test_a_submission_is_judged_in_a_container(served):
    r = served.run(language="python", code="print(int(input())**2)",
                   test_cases=[{"input": "3", "expected": "9"}, {"input": "4", "expected": "15"}])
    assert r["verdict"] == "wrong_answer" and [t["passed"] for t in r["test_results"]] == [True, False]
    assert r["denied_syscalls"] is None, "boxes are containers, where nobody is told of denied calls"


def test_a_language_that_the_image_lacks_is_refused(served):
    rows = {x["name"]: x["available"] for x in served.get("/v1/languages").json["languages"]}
    assert rows == {"python": True, "javascript": True}
    for path in ("/v1/execute", "/v1/jobs"):
        answer = served.post(path, C)
        assert (answer.status, answer.problem["field"]) == (422, "language") and "image" in answer.problem["rule"]


def test_events_come_as_they_happen(served):
    c = served.connection()
    c.request("POST", "/v1/execute", '{"language":"python","code":"print(1)"}',
              {"Content-Type": "application/json", "Accept": "text/event-stream"})
    got = list(events(c.getresponse()))
    c.close()
    assert [name for _, name, _ in got if name != "queued"] == ["running", "output", "result"]
    assert got[-1][2]["verdict"] == "accepted"


def test_a_job_is_cancelled(served):
    job = served.post("/v1/jobs", ENDLESS).json["id"]
    served.await_metric("kodewar_jobs_running", 1)
    assert served.ask("DELETE", f"/v1/jobs/{job}").status == 202
    done = served.get(f"/v1/jobs/{job}?wait=30").json
    assert done["state"] == "done" and done["result"]["status"] == "error"
    assert served.run(**HELLO)["output"] == "42\n"


def test_a_client_that_goes_away_frees_its_lane(served):
    with served.socket() as s:
        s.sendall(request("POST", "/v1/execute", json.dumps(ENDLESS).encode()))
        served.await_metric("kodewar_jobs_running", 1)
    served.await_metric("kodewar_jobs_running", 0)


def containers(engine, pid):
    """Of the service with this pid; others may use the engine meanwhile."""
    rows = engine.docker("ps", "-a", "--filter", "label=org.kodewar.sandbox=1", "--format", '{{.Label "org.kodewar.owner"}}')
    return [row for row in rows.stdout.decode().split() if re.search(rf"\b{pid}\b", row)]


def test_it_drains_and_leaves_no_container(engine, image):
    s = Service(*options(engine, image))
    answers = []
    slow = {"language": "python", "code": "import time; time.sleep(2); print('done')"}
    thread = threading.Thread(target=lambda: answers.append(s.post("/v1/execute", slow)))
    thread.start()
    s.await_metric("kodewar_jobs_running", 1)
    assert containers(engine, s.pid)
    s.process.send_signal(signal.SIGTERM)
    s.await_log("drains")
    assert s.post("/v1/execute", HELLO).status == 503
    thread.join()
    assert answers[0].json["output"] == "done\n"
    s.close()
    until = time.monotonic() + 30
    while containers(engine, s.pid):
        assert time.monotonic() < until, containers(engine, s.pid)
        time.sleep(0.1)
