# SPDX-License-Identifier: Apache-2.0
"""POST /v1/execute: the contract over HTTP, at once and as a stream."""
import json
import socket
import struct
import time

import pytest

from service import ENDLESS, HELLO, JSON, events, request


def test_a_submission_is_judged(service):
    r = service.run(language="python", code="print(int(input())**2)",
                    test_cases=[{"input": "3", "expected": "9"}, {"input": "4", "expected": "15"}])
    assert r["status"] == "success" and r["verdict"] == "wrong_answer"
    assert [t["passed"] for t in r["test_results"]] == [True, False]
    assert list(r)[:4] == ["status", "output", "error", "test_results"]


@pytest.mark.parametrize("language, code", [("python", "print(6*7)"), ("javascript", "console.log(6*7)"),
                                            ("c", "#include <stdio.h>\nint main(void){printf(\"%d\\n\",6*7);}")])
def test_every_language_runs(service, language, code):
    assert service.run(language=language, code=code)["output"] == "42\n"


def test_warm_runners_are_ready_from_the_start(service):
    assert service.run(**HELLO)["runner"] in ("warm", "pooled")


def test_a_program_that_fails_is_a_result_not_an_error_of_ours(service):
    r = service.run(language="python", code="import sys; sys.exit(3)")
    assert r["verdict"] == "runtime_error" and r["exit_code"] == 3


@pytest.mark.parametrize("body, status, field", [
    (b"", 400, "body"), (b"{", 400, "body"), (b"nonsense", 400, "body"), (b"\xff\xfe{}", 400, "body"),
    (b'{"language":"python","code":"\xff"}', 400, "body"), (b"[" * 100000, 400, "body"), (b'{"a":' * 5000, 400, "body"),
    (b"[" + b"1," * 70000 + b"1]", 400, "body"), (b'{"language":"python"', 400, "body"), (b"[]", 400, "body"),
    (b"{}", 422, "code"), (b'{"code":1,"language":"python"}', 422, "code"),
    (b'{"code":"","language":"klingon"}', 422, "language"), (b'{"code":"","language":"python","x":1}', 422, "x"),
    (b'{"code":"","language":"python","limits":{"cpu_ms":99999999}}', 422, "limits.cpu_ms"),
    (b'{"code":"","language":"python","test_cases":[{"input":""}]}', 422, "test_cases[0].expected"),
    (b'{"code":"","language":"python","code":"a"}', 422, "code"),
])
def test_a_bad_body_is_refused_by_its_field(service, body, status, field):
    answer = service.post("/v1/execute", body)
    assert (answer.status, answer.problem["field"]) == (status, field)
    assert answer.problem["rule"] and answer.problem["detail"].startswith(field)


@pytest.mark.parametrize("query, field", [("priority=10", "priority"), ("priority=x", "priority"), ("priority=", "priority"),
                                          ("priority=--", "priority"), ("deadline_ms=0", "deadline_ms"), ("deadline_ms=1e3", "deadline_ms")])
def test_a_bad_parameter_is_refused_by_its_name(service, query, field):
    answer = service.post("/v1/execute?" + query, HELLO)
    assert (answer.status, answer.problem["field"]) == (400, field)
    assert service.post("/v1/execute?priority=-9&deadline_ms=60000", HELLO).status == 200


def test_a_stream_tells_things_as_they_happen(service):
    code = "import sys\nprint('out'); print('err', file=sys.stderr)"
    c = service.connection()
    c.request("POST", "/v1/execute", json.dumps({"language": "python", "code": code, "test_cases": [{"input": "", "expected": "out"}] * 3}),
              {**JSON, "Accept": "text/event-stream"})
    response = c.getresponse()
    assert response.status == 200 and response.headers["Content-Type"] == "text/event-stream"
    got = list(events(response))
    c.close()
    assert [i for i, _, _ in got] == list(range(1, len(got) + 1))
    names = [name for _, name, _ in got]
    assert names[0] == "queued" and names[-1] == "result" and names.count("case") == 3
    assert {(d["stream"], d["data"]) for _, name, d in got if name == "output"} == {("stdout", "out\n"), ("stderr", "err\n")}
    assert sorted(d["index"] for _, name, d in got if name == "case") == [0, 1, 2]
    assert got[-1][2]["verdict"] == "accepted" and len(got[-1][2]["test_results"]) == 3


def test_a_compile_step_is_told(service):
    c = service.connection()
    c.request("POST", "/v1/execute", json.dumps({"language": "c", "code": "int main(void){return 0;} // told"}),
              {**JSON, "Accept": "text/event-stream"})
    names = [name for _, name, _ in events(c.getresponse())]
    c.close()
    assert names.index("compiling") < names.index("running") < names.index("result")


def test_output_comes_while_the_program_runs(service):
    c = service.connection()
    c.request("POST", "/v1/execute", json.dumps(ENDLESS), {**JSON, "Accept": "text/event-stream"})
    for _, name, data in events(c.getresponse()):
        if name == "output":
            assert data["data"] == "on\n"
            break
    else:
        pytest.fail("no output before the end")
    c.close()
    service.await_metric("kodewar_jobs_running", 0)


def test_a_refusal_of_a_stream_is_a_problem(service):
    answer = service.post("/v1/execute", b"{}", headers={"Accept": "text/event-stream"})
    assert answer.status == 422 and answer.problem["field"] == "code"


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
@pytest.mark.parametrize("goes", ["closes", "resets", "half-closes"])
def test_who_goes_away_takes_his_job_with_him(service, accept, goes):
    """The box dies and its lane is free, long before the program would have ended."""
    before = time.monotonic()
    service.await_metric("kodewar_jobs_running", 0)
    s = service.socket()
    s.sendall(request("POST", "/v1/execute", json.dumps(ENDLESS).encode(), Accept=accept))
    service.await_metric("kodewar_jobs_running", 1)
    if goes == "resets":
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if goes == "half-closes":
        s.shutdown(socket.SHUT_WR)
    else:
        s.close()
    service.await_metric("kodewar_jobs_running", 0)
    service.await_metric("kodewar_lanes_idle", service.metric("kodewar_lanes"))
    s.close()
    assert time.monotonic() - before < 30
    assert service.run(**HELLO)["output"] == "42\n"


def test_who_goes_away_while_he_waits_leaves_the_queue(service):
    lanes = int(service.metric("kodewar_lanes"))
    sockets = [service.socket() for _ in range(lanes + 3)]
    for s in sockets:
        s.sendall(request("POST", "/v1/execute", json.dumps(ENDLESS).encode()))
    service.await_metric("kodewar_jobs_waiting", 3)
    for s in sockets[lanes:]:
        s.close()
    service.await_metric("kodewar_jobs_waiting", 0)
    for s in sockets:
        s.close()
    service.await_metric("kodewar_jobs_running", 0)


def test_a_large_result_arrives_whole(service):
    r = service.run(language="python", code="print('x' * 1000000)", test_cases=[{"input": "", "expected": ""}] * 20)
    assert [len(t["actual"]) for t in r["test_results"]] == [1000001] * 20


def test_boxes_are_counted_by_language_and_verdict(service):
    service.run(**HELLO)
    answer = service.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    lines = answer.body.decode().splitlines()
    boxes = [line for line in lines if 'language="python"' in line and 'verdict="accepted"' in line]
    assert boxes and all(float(line.split()[-1]) >= 1 for line in boxes)
    helped = {line.split()[2] for line in lines if line.startswith("# HELP ")}
    assert len(helped) == sum(line.startswith("# TYPE ") for line in lines)


@pytest.mark.parametrize("accept, stream", [
    ("text/event-stream;q=0", False), ("application/json, text/event-stream; q=0.000", False), ("text/event-stream;q=0.1", True),
    ("application/json;q=0, text/event-stream", True), ("text/event-stream;charset=utf-8;Q=0, */*", False)])
def test_what_weighs_nothing_is_not_sent(service, accept, stream):
    answer = service.post("/v1/execute", HELLO, headers={"Accept": accept})
    assert answer.status == 200 and answer.headers["Content-Type"] == ("text/event-stream" if stream else "application/json")


@pytest.mark.parametrize("path", ["/v1/execute", "/v1/jobs", "/v1/batches"])
def test_an_empty_body_is_said_to_be_empty(service, path):
    answer = service.post(path, b"")
    assert answer.status == 400 and answer.problem["detail"] == "body: is empty"
