# SPDX-License-Identifier: Apache-2.0
"""What a client may cost: bytes, seconds, connections, descriptors, and streams that nobody reads."""
import json
import socket
import time

import pytest

from service import HELLO, read_all, read_answer, request, serving


@pytest.fixture(scope="module")
def tight(tmp_path_factory):
    """A service with small bounds."""
    path = tmp_path_factory.mktemp("tight") / "serve.yaml"
    path.write_text("max_body: 100000\nmax_bodies: 400000\nidle_sec: 2\nrequest_sec: 3\nconnections: 40\nbacklog_bytes: 100000\n")
    with serving("--config", path) as s:
        yield s


def status_of(answer):
    return int(answer.split(b" ", 2)[1])


def test_a_body_that_says_it_is_too_large_is_not_read(tight):
    with tight.socket() as s:
        s.sendall(request("POST", "/v1/execute", b"")[:-4].replace(b"Content-Length: 0", b"Content-Length: 100001") + b"\r\n\r\n")
        answer = read_all(s)
        assert status_of(answer) == 413 and b'"body: is larger than 100000 bytes"' in answer
    assert tight.post("/v1/execute", {**HELLO, "code": "#" * 90000}).status == 200


@pytest.mark.parametrize("size", [100001, 150000, 5_000_000])
def test_a_chunked_body_that_grows_too_large_is_cut_off(tight, size):
    with tight.socket() as s:
        s.sendall(b"POST /v1/execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            for _ in range(size // 1000):
                s.sendall(b"3e8\r\n" + b"x" * 1000 + b"\r\n")
            s.sendall(b"%x\r\n%s\r\n0\r\n\r\n" % (size % 1000 or 1, b"x" * (size % 1000 or 1)))
        except OSError:
            pass
        head, body, _ = read_answer(s)
        assert status_of(head) == 413 and json.loads(body)["rule"] == "is larger than 100000 bytes"


def test_a_truncated_body_leaves_nothing(tight):
    for _ in range(10):
        with tight.socket() as s:
            s.sendall(request("POST", "/v1/execute", b"x" * 1000)[:-500])
    tight.await_metric("kodewar_http_requests_in_flight", 1)


def test_who_is_slow_is_told_and_closed(tight):
    """A byte now and then does not keep a connection."""
    begun = time.monotonic()
    with tight.socket() as s:
        s.settimeout(0.2)
        head, _, rest = request("POST", "/v1/execute", b"x" * 1000).partition(b"\r\n")
        got, data = b"", iter(rest)
        s.sendall(head + b"\r\n")
        while not got and time.monotonic() - begun < 20:
            try:
                s.sendall(bytes([next(data)]))
                got = s.recv(1000)
            except TimeoutError:
                pass
    assert status_of(got) == 408, got
    assert json.loads(got.partition(b"\r\n\r\n")[2])["status"] == 408


@pytest.mark.parametrize("data", [b"", b"GET /hea", request()])
def test_who_is_idle_is_closed(tight, data):
    with tight.socket() as s:
        s.sendall(data)
        read_all(s)


def test_more_connections_than_allowed_are_refused_politely(tight):
    idle = [tight.socket() for _ in range(60)]
    answers = [s.recv(1000) for s in idle]  # those that were taken are closed for being idle
    assert sorted(status_of(a) if a else 0 for a in answers) == [0] * 40 + [503] * 20
    for s in idle:
        s.close()
    until = time.monotonic() + 20
    while True:
        try:
            assert tight.get("/healthz").status == 200
            break
        except (AssertionError, OSError):
            assert time.monotonic() < until
            time.sleep(0.1)


def test_many_clients_at_once_are_each_answered_or_refused(service):
    sockets = [service.socket() for _ in range(300)]
    for s in sockets:
        s.sendall(request())
    assert {status_of(read_answer(s)[0]) for s in sockets} == {200}
    for s in sockets:
        s.close()


def test_a_stream_that_nobody_reads_is_cut_off_and_its_box_dies(tight):
    loud = {"language": "python", "code": "import sys\nfor _ in range(900):\n  sys.stdout.write('x'*1000)\n  sys.stdout.flush()",
            "test_cases": [{"input": "", "expected": ""}] * 100}
    gone = tight.metric('kodewar_http_answers_total{class="gone"}')
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.connect(("127.0.0.1", tight.port))
        s.sendall(request("POST", "/v1/execute", json.dumps(loud).encode(), Accept="text/event-stream"))
        until = time.monotonic() + 60
        while tight.metric('kodewar_http_answers_total{class="gone"}') == gone:
            assert time.monotonic() < until
            time.sleep(0.05)
        tight.await_metric("kodewar_jobs_running", 0)
        tight.await_metric("kodewar_watchers", 0)
    assert tight.run(**HELLO)["output"] == "42\n"


def test_an_answer_that_nobody_reads_is_cut_off(tight):
    """One byte of it now and then is reading; nothing for idle_sec is not."""
    large = json.dumps({"language": "python", "code": "print('x' * 1000000)", "test_cases": [{"input": "", "expected": ""}] * 12}).encode()
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.settimeout(60)
        s.connect(("127.0.0.1", tight.port))
        s.sendall(request("POST", "/v1/execute", large))
        assert s.recv(12) == b"HTTP/1.1 200"
        tight.await_metric("kodewar_http_connections", 1, timeout=30)
        got = 0
        try:
            while part := s.recv(65536):
                got += len(part)
        except ConnectionResetError:
            pass
    assert got < 12_000_000, "it was sent in full"
    assert tight.run(**HELLO)["output"] == "42\n"


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/batches"])
@pytest.mark.parametrize("body", [b'{"submissions":' + b"[" * 90000, b'{"submissions":[' + b'{"a":' * 15000, b'{"submissions":[{"code":"\xc3"}]}', b"\x00" * 5000,
                                  b'{"submissions":[{"a":' + b"[" * 40000 + b"]" * 40000 + b"}]}"])
def test_deep_and_broken_bodies_are_refused_wherever_bodies_are_taken(tight, path, body):
    answer = tight.post(path, body)
    if answer.status == 202:  # refused entry by entry
        assert path == "/v1/batches" and all(e["status"] in (400, 422) for e in answer.json["jobs"]), answer.body
    else:
        assert answer.status in (400, 422) and answer.problem["field"]


def test_running_out_of_descriptors_is_survived():
    """It may have 90 descriptors, of which its lane needs some: clients take the rest, and give it back."""
    with serving("--lanes", 1, descriptors=90) as s:
        held = [s.socket() for _ in range(90)]
        for c in held:
            c.settimeout(0.2)
        answers = []
        for c in held:
            try:
                answers.append(status_of(c.recv(1000)))
            except (TimeoutError, IndexError, ConnectionError):
                answers.append(0)
        assert answers.count(503) >= 60
        for c in held:
            c.close()
        s.await_metric("kodewar_http_connections", 1)
        r = s.run(**HELLO, limits={"open_files": 64})
        assert r["output"] == "42\n", r
