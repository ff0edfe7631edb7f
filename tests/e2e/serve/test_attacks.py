# SPDX-License-Identifier: Apache-2.0
"""What one client must not do to the others: take their memory, their room, their secrets or their jobs."""
import json
import os
import pathlib
import socket
import subprocess
import time

import pytest

from service import BINARY, CLEAN_ENV, HELLO, JSON, ROOT, read_answer, request, serving
from test_who import bearer, new_token

SLEEP = {"language": "python", "code": "import time\ntime.sleep(60)"}


@pytest.fixture(scope="module")
def tight(tmp_path_factory):
    """Two tenants without bounds of their own, in a house with little room."""
    home = tmp_path_factory.mktemp("attacks")
    tokens = {name: new_token(home / "tokens.yaml", name) for name in ("alice", "bob")}
    (home / "serve.yaml").write_text("queue: 20\nmax_body: 1000000\nmax_bodies: 2000000\nrequest_sec: 5\ndrain_sec: 0\n")
    with serving("--lanes", 2, "--tokens", home / "tokens.yaml", "--config", home / "serve.yaml") as s:
        s.alice, s.bob = (bearer(tokens[name]) for name in ("alice", "bob"))
        yield s


def gauge(service, name, **more):
    text = service.get("/metrics", **more).body.decode()
    return float(next(line for line in text.splitlines() if line.startswith(name + " ")).split()[1])


@pytest.mark.parametrize("rest", [b"Cookie: " + b"a=b;" * 1500 + b"\r\n\r\n", b"X: y\r\n"])
def test_a_request_that_never_came_whole_leaves_nothing(service, rest):
    for _ in range(20):
        with service.socket() as s:
            s.sendall(b"GET /" + b"x" * 500 + b" HTTP/1.1\r\nHost: localhost\r\n" + rest)
    service.await_metric("kodewar_http_requests_in_flight", 1, timeout=10)


def test_an_accepted_job_is_none_that_dies_with_another_client(service):
    body, key = {**SLEEP, "code": "import time\ntime.sleep(2)\nprint('on')"}, {"Idempotency-Key": "shared", **JSON}
    c = service.connection()
    c.request("POST", "/v1/execute", json.dumps(body), key)
    service.await_metric("kodewar_jobs_running", 1)
    assert service.post("/v1/jobs", body, headers=key).status == 409
    c.close()
    service.await_metric("kodewar_jobs_running", 0)
    again = service.post("/v1/execute", body, headers=key)  # and the one that was cancelled is not his answer
    assert again.json["verdict"] == "accepted"


def test_a_stream_tells_a_result_larger_than_its_backlog(service):
    loud = {"language": "python", "code": "print('y' * (6 << 20))", "limits": {"output_bytes": 8 << 20}}
    c = service.connection()
    c.request("POST", "/v1/execute", json.dumps(loud), {**JSON, "Accept": "text/event-stream"})
    assert b"event: result" in c.getresponse().read()
    c.close()


def test_nobody_learns_what_another_has_compiled(tight):
    secret = {"language": "c", "code": f"int main(void) {{ return 0; }} // {os.urandom(8).hex()}"}
    cached = [tight.post("/v1/execute", secret, headers=who).json["compile"]["cached"] for who in (tight.alice, tight.alice, tight.bob)]
    assert cached == [False, True, False]


def test_bodies_of_jobs_that_wait_keep_nobody_out(tight):
    held = [tight.socket() for _ in range(2)]
    for s in held:
        s.sendall(request("POST", "/v1/execute", json.dumps({**SLEEP, "code": SLEEP["code"] + "#" * 900000}).encode(), **tight.alice))
    until = time.monotonic() + 20
    while gauge(tight, "kodewar_jobs_running", headers=tight.bob) < 2:
        assert time.monotonic() < until, [s.recv(4000, socket.MSG_DONTWAIT) for s in held]
    accepted = tight.post("/v1/jobs", {**HELLO, "code": "#" * 900000}, headers=tight.bob)
    for s in held:
        s.close()
    assert accepted.status == 202, accepted.body


def test_one_tenant_does_not_fill_the_queue(tight):
    batch = tight.post("/v1/batches", {"submissions": [SLEEP] * 20}, headers=tight.alice).json["jobs"]
    jobs = [j["id"] for j in batch if "id" in j]
    bob = tight.post("/v1/jobs", HELLO, headers=tight.bob)
    for job in jobs:
        tight.ask("DELETE", f"/v1/jobs/{job}", headers=tight.alice)
    assert 5 <= len(jobs) <= 10 and bob.status == 202, (len(jobs), bob.body)


def test_large_answers_that_nobody_reads_are_bounded(tmp_path):
    (tmp_path / "serve.yaml").write_text("max_answers: 20000000\n")
    with serving("--config", tmp_path / "serve.yaml") as s:
        loud = {"language": "python", "code": "print('y' * (8 << 20))", "limits": {"output_bytes": 9 << 20}}
        job = s.post("/v1/jobs", loud).json["id"]
        assert s.get(f"/v1/jobs/{job}?wait=30").json["state"] == "done"
        held, answers = [], []
        for _ in range(5):
            c = socket.socket()
            c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            c.settimeout(20)
            c.connect(("127.0.0.1", s.port))
            c.sendall(request("GET", f"/v1/jobs/{job}"))
            answers.append(int(c.recv(12).split()[1]))
            held.append(c)
        assert answers == [200, 200, 503, 503, 503]
        assert s.run(**HELLO)["output"] == "42\n"
        for c in held:
            c.close()
        assert s.get(f"/v1/jobs/{job}").status == 200


def test_what_a_job_may_hold_ends_that_job_alone(tmp_path):
    """Its outputs are the program's to choose: the cases that no longer fit are the service's failure, not the program's."""
    (tmp_path / "serve.yaml").write_text("max_body: 500000\njob_bytes: 2097152\n")
    with serving("--config", tmp_path / "serve.yaml") as s:
        case = {"input": "", "expected": "y" * 10}
        loud = {"language": "python", "code": "print('y' * 900000)", "test_cases": [case] * 6, "limits": {"output_bytes": 1000000}}
        answer = s.post("/v1/execute", loud)
        verdicts = [t["verdict"] for t in answer.json["test_results"]]
        assert answer.status == 200 and answer.json["status"] == "error"
        assert sorted(verdicts) == ["internal_error"] * 4 + ["wrong_answer"] * 2, verdicts  # whichever two ended first
        assert s.run(**HELLO)["output"] == "42\n"


def test_small_cases_do_not_make_a_large_queue(tmp_path):
    (tmp_path / "serve.yaml").write_text("queue_bytes: 20000000\ndrain_sec: 0\n")
    with serving("--config", tmp_path / "serve.yaml") as s:
        batch = {"submissions": [{**SLEEP, "test_cases": [{"input": "", "expected": ""}] * 1000}] * 30}
        jobs = s.post("/v1/batches", batch).json["jobs"]
        assert 1 <= sum("id" in j for j in jobs) < 20


def test_only_a_socket_is_taken_for_a_leftover(tmp_path):
    path = tmp_path / "precious"
    path.write_text("precious")
    done = subprocess.run([BINARY, "serve", "--listen", f"unix:{path}", "--state-dir", tmp_path / "s", "--log-dir", tmp_path / "l"],
                          capture_output=True, cwd=ROOT, env=CLEAN_ENV, timeout=60)
    assert done.returncode != 0 and b"listen" in done.stderr
    assert path.read_text() == "precious"


def test_every_thread_of_the_service_has_given_up_what_it_does_not_need(service):
    """By the kernel's word; tests/unit/test_seccomp_forgo.c tries the calls themselves."""
    tasks = pathlib.Path(f"/proc/{service.pid}/task")
    for status in tasks.glob("*/status"):
        said = dict(line.split(":\t", 1) for line in status.read_text().splitlines())
        assert set(said["Uid"].split()) & {"0"} == set()
        assert [said[f"Cap{which}"] for which in ("Inh", "Prm", "Eff", "Bnd", "Amb")] == ["0" * 16] * 5
        assert (said["NoNewPrivs"], said["Seccomp"]) == ("1", "2")
