# SPDX-License-Identifier: Apache-2.0
"""HTTP as clients, and those who are none, speak it."""
import json
import re
import socket

import pytest

from command_line import kodewar
from service import HELLO, JSON, read_all, read_answer, request


def status_of(answer):
    return int(answer.split(b" ", 2)[1])


def test_an_http_1_0_client_gets_its_answer_and_the_end(service):
    answer = service.raw(b"GET /healthz HTTP/1.0\r\n\r\n")
    assert status_of(answer) == 200 and answer.endswith(b'{"status":"ok"}\n')


def test_one_connection_serves_many_requests(service):
    c = service.connection()
    for _ in range(3):
        c.request("POST", "/v1/execute", json.dumps(HELLO), JSON)
        assert json.loads(c.getresponse().read())["output"] == "42\n"
    before = c.sock
    c.request("GET", "/healthz")
    assert c.getresponse().read() and c.sock is before
    c.close()


def test_pipelined_requests_are_answered_in_their_order(service):
    bodies = [json.dumps({"language": "python", "code": f"print({n})"}).encode() for n in range(4)]
    with service.socket() as s:
        s.sendall(b"".join(request("POST", "/v1/execute", body) for body in bodies))
        rest, got = b"", []
        for _ in bodies:
            # what came too much of one answer is the beginning of the next
            head, body, rest = read_answer(Ahead(s, rest))
            got.append(json.loads(body)["output"])
    assert got == ["0\n", "1\n", "2\n", "3\n"]


class Ahead:
    """A socket with bytes that were read already."""

    def __init__(self, s, ahead):
        self.s, self.ahead = s, ahead

    def recv(self, n):
        ahead, self.ahead = self.ahead, b""
        return ahead or self.s.recv(n)


def test_head_has_the_head_of_get(service):
    get, head = service.get("/v1/languages"), service.ask("HEAD", "/v1/languages")
    assert head.status == 200 and head.body == b""
    assert head.headers["Content-Length"] == get.headers["Content-Length"] == str(len(get.body))


def test_releases_of_a_language_are_told(service):
    here = [row for row in json.loads(kodewar("languages", "--json").stdout) if row["available"]]
    told = service.get("/v1/languages").json["languages"]
    assert len(told) == len({row["name"] for row in here})
    for row in told:
        assert row["releases"] == [of["release"] for of in here if of["name"] == row["name"] and of["release"]], row["name"]
    assert any(len(row["releases"]) > 1 for row in told)
    answer = service.post("/v1/execute", {"language": f"{told[0]['name']}@0", "code": ""})
    assert answer.status == 422 and answer.json["field"] == "language"


def test_a_chunked_body_is_read(service):
    body = json.dumps(HELLO).encode()
    chunks = b"".join(b"%x\r\n%s\r\n" % (1, body[i:i + 1]) for i in range(len(body))) + b"0\r\n\r\n"
    with service.socket() as s:
        s.sendall(b"POST /v1/execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                  b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
        _, answer, _ = read_answer(s)
    assert json.loads(answer)["output"] == "42\n"


def test_who_expects_continue_is_told_to(service):
    body = json.dumps(HELLO).encode()
    with service.socket() as s:
        s.sendall(request("POST", "/v1/execute", body, Expect="100-continue")[:-len(body)])
        assert s.recv(100).startswith(b"HTTP/1.1 100 ")
        s.sendall(body)
        _, answer, _ = read_answer(s)
    assert json.loads(answer)["output"] == "42\n"


def test_who_expects_continue_for_what_is_refused_is_told_so_first(service):
    with service.socket() as s:
        s.sendall(b"POST /v1/execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
                  b"Content-Length: 1000\r\nExpect: 100-continue\r\n\r\n")
        assert status_of(read_all(s)) == 415


def test_a_request_id_comes_back_if_it_is_sound(service):
    assert service.get("/healthz", headers={"X-Request-Id": "abc-1.2_3"}).headers["X-Request-Id"] == "abc-1.2_3"
    for odd in ("a b", "a\"b", "x" * 65, "é"):
        answer = service.get("/healthz", headers={"X-Request-Id": odd.encode().decode("latin-1")})
        assert answer.headers["X-Request-Id"] != odd and len(answer.headers["X-Request-Id"]) == 32


def test_a_trace_is_passed_through_and_logged(service):
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert service.get("/healthz", headers={"traceparent": trace}).headers["traceparent"] == trace
    service.await_log(f"trace={trace}")
    assert "traceparent" not in service.get("/healthz", headers={"traceparent": "00-nonsense"}).headers


@pytest.mark.parametrize("path", ["/", "/nope", "/v1", "/v1/", "/v1//execute", "/v1/execute/", "/v1/../healthz",
                                  "/./healthz", "/healthz/..", "//healthz", "/HEALTHZ", "/healthz;x", "/%2e%2e/healthz",
                                  "/v1/jobs/a/b/events", "/etc/passwd", "/v1/jobs//events"])
def test_only_routes_are_there(service, path):
    answer = service.ask("POST", path, "{}")
    assert answer.status in (404, 405), path
    answer.problem
    assert service.ask("DELETE", path).status in (404, 405)


@pytest.mark.parametrize("target", ["/healthz%00", "/healthz%0a", "/v1%2flanguages", "/health%7", "/health%zz", "/%ff",
                                    "/%c0%af", "/healthz#a", "healthz", "/healthz?a=%00",
                                    "/healthz?" + "&".join(f"a{i}=1" for i in range(17))])
def test_a_target_that_can_be_read_in_two_ways_is_none(service, target):
    answer = service.raw(request("GET", target, Connection="close"))
    assert status_of(answer) == 400, answer


@pytest.mark.parametrize("target", ["/healthz", "/%68ealthz", "http://localhost/healthz", "/healthz?", "/healthz?a&b=%20"])
def test_a_target_may_be_written_in_other_ways(service, target):
    assert status_of(service.raw(request("GET", target, Connection="close"))) == 200


@pytest.mark.parametrize("head", [
    b"Host: a\r\nHost: localhost\r\n",
    b"",
    b"Host: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n",
    b"Host: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    b"Host: localhost\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    b"Host: localhost\r\nTransfer-Encoding: gzip\r\n",
    b"Host: localhost\r\nTransfer-Encoding: gzip, chunked\r\n",
    b"Host: localhost\r\nContent-Length: -1\r\n",
    b"Host: localhost\r\nContent-Length: 0x10\r\n",
    b"Host: localhost\r\nContent-Length : 5\r\n",
    b"Host: localhost\r\n(comment): 5\r\n",
])
def test_a_head_that_two_servers_may_read_in_two_ways_is_refused(service, head):
    answer = service.raw(b"POST /v1/execute HTTP/1.1\r\nContent-Type: application/json\r\n" + head + b"\r\n0\r\n\r\n")
    # (libmicrohttpd 0.9.75 puts the head of its own refusals into their body once more.)
    assert set(re.findall(rb"HTTP/1.1 (\d+)", answer)) == {b"400"}, "what follows is not taken for a request"


@pytest.mark.parametrize("head", [b"X: " + b"a" * 40000, b"".join(b"X%d: a\r\n" % i for i in range(6000)) + b"Y: z"])
def test_a_flood_of_headers_is_refused(service, head):
    answer = service.raw(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + head + b"\r\n\r\n")
    assert status_of(answer) == 431


def test_a_long_target_is_refused(service):
    assert status_of(service.raw(request("GET", "/" + "a" * 40000))) in (414, 431)


@pytest.mark.parametrize("data", [b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"GET /healthz HTTP/9.9\r\n\r\n",
                                  b"\r\n\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"])
def test_what_is_no_http_gets_no_answer_that_matters(service, data):
    with service.socket(timeout=2) as s:
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        try:
            got = read_all(s)
        except TimeoutError:  # what may still become a request is waited for, as long as any idle connection
            got = b""
    assert got == b"" or status_of(got) in (400, 404, 405, 505), got
    assert service.get("/healthz").status == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "TRACE", "BREW", "GET", "DELETE"])
def test_a_method_that_a_path_does_not_take(service, method):
    answer = service.ask(method, "/v1/execute")
    assert answer.status == 405 and answer.headers["Allow"] == "POST, OPTIONS"
    answer.problem


def test_a_small_refused_body_does_not_cost_the_connection(service):
    c = service.connection()
    c.request("POST", "/v1/execute", "x" * 1000, {"Content-Type": "text/plain"})
    assert c.getresponse().read() and c.sock
    before = c.sock
    c.request("GET", "/healthz")
    assert c.getresponse().status == 200 and c.sock is before
    c.close()


def head_of(size, method="GET", target="/healthz", body=None, by=b"X-A: ", **headers):
    """A request whose head has so many bytes."""
    head, _, rest = request(method, target, body, **headers).partition(b"\r\n\r\n")
    return head + b"\r\n" + by + b"a" * (size - len(head) - len(by) - 6) + b"\r\n\r\n" + rest


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_a_head_is_served_up_to_its_bound_and_refused_above_it(service, method):
    """And no size is left without an answer, however little room the library has left for one."""
    target, body = ("/v1/jobs", json.dumps(HELLO).encode()) if method == "POST" else ("/healthz", None)
    sizes = {8192: 202 if body else 200, 8193: 431, 9100: 431, **dict.fromkeys(range(14000, 18000, 200), 431)}
    for size, status in sizes.items():
        answer = service.raw(head_of(size, method, target, body, Connection="close"))
        assert answer and status_of(answer) == status, (size, answer[:100])
        head, _, rest = answer.partition(b"\r\n\r\n")
        if method == "HEAD":
            assert rest == b""
        elif status == 431:
            problem = json.loads(rest)
            assert problem["status"] == 431 and problem["field"] == "X-A" and "8192" in problem["rule"]
            assert b"X-Request-Id: " + problem["request_id"].encode() in head and b"application/problem+json" in head


@pytest.mark.parametrize("head, status", [
    (b"Cookie: a=" + b"a" * 7700 + b"\r\n", 200), (b"Cookie: a=" + b"a" * 9000 + b"\r\n", 431),
    (b"a:\r\n" * 120, 200), (b"a:\r\n" * 200, 431), (b"X: a\r\n b\r\n", 400)])
def test_what_the_library_keeps_of_a_head_is_bounded_too(service, head, status):
    assert status_of(service.raw(request(Connection="close")[:-2] + head + b"\r\n")) == status


def test_a_refused_head_does_not_wait_for_its_body(service):
    with service.socket(timeout=5) as s:
        s.sendall(head_of(9000, "POST", "/v1/jobs", b"x" * 100)[:-50])
        assert status_of(read_all(s)) == 431


def test_trailers_are_of_the_head(service):
    chunked = (b"POST /v1/execute HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
               b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n0\r\nT: ")
    assert status_of(service.raw(chunked + b"a" * 100 + b"\r\n\r\n")) == 400
    assert status_of(service.raw(chunked + b"a" * 9000 + b"\r\n\r\n")) == 431


@pytest.mark.parametrize("encoding, status", [("gzip", 415), ("identity", 200), ("gzip, identity", 415), ("\xe9\"", 415)])
def test_an_encoded_body_is_refused_by_name(service, encoding, status):
    answer = service.post("/v1/execute", HELLO, headers={"Content-Encoding": encoding})
    assert answer.status == status
    if status == 415:
        assert answer.problem["field"] == "Content-Encoding" and answer.headers["Accept-Encoding"] == "identity"
        assert encoding.encode("ascii", "replace").decode() in answer.problem["detail"]
