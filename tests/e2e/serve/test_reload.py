# SPDX-License-Identifier: Apache-2.0
"""SIGHUP: what the configuration says anew is so from then on, what cannot change is named, what is wrong changes nothing."""
import os
import pathlib
import signal
import tempfile

import pytest

from service import ENDLESS, HELLO, Service

PAGE = "https://play.example"
BEGIN = "queue: 100\nkeep_sec: 1000\nlanes: 1\n"


@pytest.fixture(name="told", scope="module")
def fixture_told():
    """A service whose configuration only root may read, as such files often are; that there is one, all may see."""
    place = tempfile.TemporaryDirectory(prefix="kodewar-config-")
    os.chmod(place.name, 0o755)
    path = pathlib.Path(place.name, "serve.yaml")
    path.write_text(BEGIN)
    os.chmod(path, 0o600)
    s = Service("--config", path, "--host", "named.example")
    s.path = path
    yield s
    s.close()
    place.cleanup()


def reload(service, text, words):
    """What the log says more, up to these words."""
    before = len(service.log())
    service.path.write_text(text)
    os.kill(service.pid, signal.SIGHUP)
    service.await_log_after(before, words)
    return service.log()[before:]


def test_what_can_change_does(told):
    assert told.get("/healthz", headers={"Origin": PAGE}).status == 403
    assert told.post("/v1/execute", {**HELLO, "limits": {"cpu_ms": 2000}}).status == 200
    said = reload(told, BEGIN + f"origins: ['{PAGE}']\nmax_body: 1024\ncaps: {{cpu_ms: 1000}}\nlimits: {{cpu_ms: 500}}\n", "changed: ")
    assert "changed: origins, max_body, limits, caps\n" in said and "only the next start" not in said
    assert told.get("/healthz", headers={"Origin": PAGE}).headers["Access-Control-Allow-Origin"] == PAGE
    assert told.post("/v1/execute", {**HELLO, "code": "#" * 1024}).status == 413
    answer = told.post("/v1/execute", {**HELLO, "limits": {"cpu_ms": 2000}})
    assert (answer.status, answer.problem["field"]) == (422, "limits.cpu_ms")
    here = told.get("/v1/capabilities").json
    assert (here["caps"]["cpu_ms"], here["limits"]["cpu_ms"], here["request"]["body_bytes_max"]) == (1000, 500, 1024)
    assert told.get("/v1/openapi.json").json["components"]["schemas"]["Limits"]["properties"]["cpu_ms"]["maximum"] == 1000
    assert told.run(language="python", code="while True: pass")["error"].startswith("Time limit exceeded")
    # and back again
    assert "changed: origins, max_body, limits, caps\n" in reload(told, BEGIN, "changed: ")
    assert told.get("/healthz", headers={"Origin": PAGE}).status == 403
    assert told.post("/v1/execute", {**HELLO, "limits": {"cpu_ms": 2000}}).status == 200


def test_what_time_ended_is_run_again_where_no_request_says_otherwise(told):
    asked = {"language": "python", "code": "while True: pass", "limits": {"cpu_ms": 50},
             "test_cases": [{"input": "", "expected": ""}]}
    reload(told, BEGIN + "repeat: 2\n", "changed: repeat\n")
    assert len(told.run(**asked)["test_results"][0]["runs"]) == 3
    assert told.run(**asked, repeat=0)["test_results"][0]["runs"] == []
    reload(told, BEGIN, "changed: repeat\n")
    assert told.run(**asked)["test_results"][0]["runs"] == []
    factors = {row["name"]: (row["time_factor"], row["memory_factor"]) for row in told.get("/v1/languages").json["languages"]}
    assert factors["python"] == (1, 1)


def test_the_queue_is_bounded_anew_and_who_waits_in_it_stays(told):
    jobs = [told.post("/v1/jobs", ENDLESS).json["id"] for _ in range(3)]
    assert "changed: queue\n" in reload(told, BEGIN.replace("queue: 100", "queue: 2"), "changed: ")
    answer = told.post("/v1/jobs", HELLO)
    assert answer.status == 429 and int(answer.headers["Retry-After"]) >= 1 and answer.problem["position"] == 3
    assert "changed: queue\n" in reload(told, BEGIN, "changed: ")
    assert told.post("/v1/jobs", HELLO).status == 202
    for job in jobs:
        assert told.ask("DELETE", f"/v1/jobs/{job}").status == 202
        assert told.get(f"/v1/jobs/{job}?wait=30").json["state"] == "done"


def test_what_only_the_next_start_can_change_is_named(told):
    said = reload(told, BEGIN.replace("lanes: 1", "lanes: 2\nidle_sec: 5"), "only the next start")
    assert "changed: nothing\n" in said and "only the next start can change this: lanes, idle_sec\n" in said
    assert told.get("/v1/capabilities").json["lanes"] == 1
    reload(told, BEGIN, "changed: nothing\n")


@pytest.mark.parametrize("text, words", [("queu: 1\n", ":1:1: Unexpected key: queu"), ("queue: 0\n", "queue: must be from 1 to"),
                                         ("queue: [\n", "configuration stays"), ("queue: 7\ncaps: {cpu_ms: 0}\n", "caps: cpu_ms must be"),
                                         ("max_body: 2000001\njob_bytes: 4000000\n", "job_bytes: must be at least twice max_body, 4000002")])
def test_what_is_wrong_changes_nothing_and_says_why(told, text, words):
    said = reload(told, text, "configuration stays as it is: ")
    assert words in said and "changed" not in said
    assert told.get("/v1/capabilities").json["caps"]["cpu_ms"] > 1000 and told.run(**HELLO)["output"] == "42\n"
    reload(told, BEGIN, "changed: nothing\n")


def test_the_command_line_stays_above_the_file(told):
    with told.socket() as s:
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: named.example\r\nConnection: close\r\n\r\n")
        assert s.recv(100).startswith(b"HTTP/1.1 200")
    reload(told, BEGIN + "hosts: [other.example]\n", "changed: ")
    for host, status in ((b"named.example", b"200"), (b"other.example", b"403")):
        with told.socket() as s:
            s.sendall(b"GET /healthz HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % host)
            assert s.recv(100).startswith(b"HTTP/1.1 " + status)
    reload(told, BEGIN, "changed: ")


def test_a_file_that_is_gone_changes_nothing(told):
    moved = told.path.with_suffix(".away")
    told.path.rename(moved)
    before = len(told.log())
    os.kill(told.pid, signal.SIGHUP)
    told.await_log_after(before, "configuration stays as it is: ")
    moved.rename(told.path)
    reload(told, BEGIN, "changed: nothing\n")
