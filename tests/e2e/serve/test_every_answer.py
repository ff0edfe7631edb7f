# SPDX-License-Identifier: Apache-2.0
"""Every answer that the OpenAPI document names is got from the real service, each by something that a client or a host can do.

The table below has one row for each operation and status; what the document has and the table has not, or the other way
round, is a failure, so that neither a route nor a status comes without its test."""
import contextlib
import json
import os
import signal
import subprocess
import tempfile
import time

import pytest

from service import ENDLESS, HELLO, JSON, Answer, Service, read_answer, request
from test_who import bearer, new_token

BATCH = {"submissions": [HELLO]}
SUBMITS = {"/v1/execute": HELLO, "/v1/jobs": HELLO, "/v1/batches": BATCH}
READS = ("/v1/languages", "/v1/capabilities", "/metrics")
OPEN = ("/v1/openapi.json", "/healthz", "/readyz")
JOBS = (("GET", "/v1/jobs/{id}"), ("DELETE", "/v1/jobs/{id}"), ("GET", "/v1/jobs/{id}/events"))
TIGHT = "max_body: 100000\nmax_bodies: 50000\nrequest_sec: 1\nconnections: 20\nqueue: 1\nlanes: 1\n"
EVIL = {"Origin": "https://evil.example"}


def body_of(method, path):
    return json.dumps(SUBMITS[path]) if method == "POST" else None


class World:
    """The services that it takes, each started when it is first asked for."""

    def __init__(self, directory):
        self.directory, self.services = directory, {}

    def _get(self, name, *options):
        if name not in self.services:
            self.services[name] = Service(*options)
        return self.services[name]

    @property
    def plain(self):
        return self._get("plain")

    @property
    def tight(self):
        path = os.path.join(self.directory, "tight.yaml")
        with open(path, "w", encoding="ascii") as f:
            f.write(TIGHT)
        return self._get("tight", "--config", path)

    @property
    def guarded(self):
        path = os.path.join(self.directory, "tokens.yaml")
        if "guarded" not in self.services:
            token = new_token(path, "alice")
            with open(path, "a", encoding="ascii") as f:
                f.write("  rate: 0.001\n  burst: 1\n")
            self._get("guarded", "--tokens", path).token = token
        return self.services["guarded"]

    def close(self):
        for s in self.services.values():
            s.close()


@pytest.fixture(name="world", scope="module")
def fixture_world():
    with tempfile.TemporaryDirectory(prefix="kodewar-answers-") as directory:
        os.chmod(directory, 0o755)
        world = World(directory)
        yield world
        world.close()


# ---- one way to each answer ----

def done_job(service):
    job = service.post("/v1/jobs", HELLO).json["id"]
    assert service.get(f"/v1/jobs/{job}?wait=30").json["state"] == "done"
    return job


def good(world, method, path):
    s = world.plain
    if "{id}" in path:
        path = path.format(id=done_job(s))
    return s.ask(method, path, body_of(method, path))


def accepted(world, method, path):
    s = world.plain
    if method == "DELETE":
        return s.ask(method, path.format(id=s.post("/v1/jobs", ENDLESS).json["id"]))
    return s.ask(method, path, body_of(method, path), {"Prefer": "respond-async"})


def malformed(world, method, path):
    if method == "POST":
        return world.plain.ask(method, path, "{")
    return world.plain.ask(method, path.format(id="0" * 32) + "?a=%00")


def without_a_token(world, method, path):
    return world.guarded.ask(method, path.format(id="0" * 32), body_of(method, path))


def from_a_foreign_page(world, method, path):
    return world.plain.ask(method, path.format(id="0" * 32), body_of(method, path), EVIL)


def of_nothing(world, method, path):
    return world.plain.ask(method, path.format(id="0" * 32))


def too_slow(world, method, path):
    with world.tight.socket() as s:
        s.sendall(request(method, path, b"x" * 100)[:-50])
        return raw_answer(s)


def same_key(world, method, path):
    key = {"Idempotency-Key": "answers" + path.replace("/", "-")}
    first = world.plain.ask(method, path, json.dumps(HELLO), key)
    assert first.status in (200, 202)
    again = world.plain.ask(method, path, json.dumps(HELLO), key)
    assert again.status == first.status and again.json["id"] == first.json["id"]
    return world.plain.ask(method, path, json.dumps({**HELLO, "code": "print(1)"}), key)


def too_large(world, method, path):
    return world.tight.ask(method, path, json.dumps({**HELLO, "code": "#" * 100000}))


def of_another_type(world, method, path):
    return world.plain.ask(method, path, body_of(method, path), {"Content-Type": "text/plain"})


def with_a_large_head(world, method, path):
    return world.plain.ask(method, path.format(id="0" * 32), body_of(method, path), {"X-Large": "a" * 9000})


def breaking_a_rule(world, method, path):
    return world.plain.ask(method, path, "{}")


def beyond_the_queue(world, method, path):
    if path == "/v1/batches":  # its entries are refused each by itself, its tenant's rate for all
        headers = bearer(world.guarded.token)
        world.guarded.ask(method, path, body_of(method, path), headers)
        return world.guarded.ask(method, path, body_of(method, path), headers)
    job = world.tight.post("/v1/jobs", ENDLESS).json["id"]
    try:
        answer = world.tight.ask(method, path, body_of(method, path))
        assert answer.problem["position"] == 1
        return answer
    finally:
        world.tight.ask("DELETE", f"/v1/jobs/{job}")
        world.tight.get(f"/v1/jobs/{job}?wait=30")


def on_a_broken_host(world, method, path):
    """The kernel has no randomness for a job's id."""
    s = world.plain
    with subprocess.Popen(["strace", "-qq", "-o", "/dev/null", "-e", "trace=getrandom", "-e", "inject=getrandom:error=EIO", "-p", str(s.pid)],
                          stderr=subprocess.PIPE) as strace:
        try:
            until = time.monotonic() + 20
            while "TracerPid:\t0\n" in open(f"/proc/{s.pid}/status", encoding="ascii").read():
                assert time.monotonic() < until and strace.poll() is None, strace.stderr.read()
                time.sleep(0.01)
            return s.ask(method, path, body_of(method, path), {"X-Request-Id": "mine"})
        finally:
            strace.send_signal(signal.SIGINT)


def in_a_crowd(world, method, path):
    if method == "POST":  # more bytes at once than all bodies may have
        answer = world.tight.ask(method, path, json.dumps({**HELLO, "code": "#" * 60000}))
        assert answer.headers["Retry-After"]
        return answer
    with contextlib.ExitStack() as held:
        idle = [held.enter_context(world.tight.socket()) for _ in range(20)]
        until = time.monotonic() + 20
        while True:  # they were taken, all of them, when the next is turned away
            with world.tight.socket() as s:
                s.sendall(request(method, path.format(id="0" * 32)))
                answer = raw_answer(s)
            if answer.status == 503 or time.monotonic() > until:
                assert len(idle) == 20 and answer.headers["Retry-After"]
                return answer


class Raw:
    """What an answer needs of a response."""

    def __init__(self, head, body):
        lines = head.decode().split("\r\n")
        self.status = int(lines[0].split()[1])
        self.headers = dict(line.split(": ", 1) for line in lines[1:])
        self._body = body

    def read(self):
        return self._body


def raw_answer(s):
    head, body, _ = read_answer(s)
    return Answer(Raw(head, body))


WAYS = {200: good, 202: accepted, 400: malformed, 401: without_a_token, 403: from_a_foreign_page, 404: of_nothing, 408: too_slow,
        409: same_key, 413: too_large, 415: of_another_type, 422: breaking_a_rule, 429: beyond_the_queue, 431: with_a_large_head, 500: on_a_broken_host,
        503: in_a_crowd}
COMMON = (400, 403, 431, 503)
SUBMISSION = (*COMMON, 401, 408, 413, 415, 422, 429)
ANSWERS = {
    ("POST", "/v1/execute"): (200, 202, 409, 500, *SUBMISSION),
    ("POST", "/v1/jobs"): (202, 409, 500, *SUBMISSION),
    ("POST", "/v1/batches"): (202, *SUBMISSION),
    ("DELETE", "/v1/jobs/{id}"): (200, 202, 401, 404, *COMMON),
    ("GET", "/v1/jobs/{id}"): (200, 401, 404, *COMMON),
    ("GET", "/v1/jobs/{id}/events"): (200, 401, 404, *COMMON),
    **{("GET", path): (200, 401, *COMMON) for path in READS},
    **{("GET", path): (200, *COMMON) for path in OPEN},
}
ROWS = [(*operation, status) for operation, statuses in ANSWERS.items() for status in statuses]


def test_the_table_is_the_document(world):
    paths = world.plain.get("/v1/openapi.json").json["paths"]
    named = {(method.upper(), path, int(status)) for path, operations in paths.items() for method, operation in operations.items()
             for status in operation["responses"]}
    assert named == set(ROWS) and len(ROWS) == len(set(ROWS))


@pytest.mark.parametrize("method, path, status", ROWS)
def test_an_answer(world, method, path, status):
    answer = WAYS[status](world, method, path)
    assert answer.status == status, answer.body
    operation = world.plain.get("/v1/openapi.json").json["paths"][path][method.lower()]
    assert answer.headers["Content-Type"].split(";")[0] in operation["responses"][str(status)]["content"]
    if status >= 400:
        assert answer.json["status"] == status and answer.json["title"] and answer.json["detail"]
    if status in (429, 503):
        assert int(answer.headers["Retry-After"]) >= 1


@pytest.mark.parametrize("path", [*SUBMITS, *READS, *OPEN, "/v1/jobs/" + "0" * 32])
def test_methods_that_are_not_there_and_those_that_always_are(world, path):
    allowed = {"POST", "OPTIONS"} if path in SUBMITS else {"GET", "HEAD", "OPTIONS"}
    if path.startswith("/v1/jobs/"):
        allowed.add("DELETE")
    refused = world.plain.ask("PATCH", path)
    assert refused.status == 405 and set(refused.headers["Allow"].split(", ")) == allowed and refused.problem
    assert world.plain.ask("OPTIONS", path).status == 204
    if "HEAD" in allowed:
        head, get = world.plain.ask("HEAD", path), world.plain.get(path)
        assert head.status == get.status and head.body == b"" and head.headers["Content-Type"] == get.headers["Content-Type"]


def test_a_batch_of_a_thousand(world):
    bodies = [{"language": "python", "code": f"print({n})"} for n in range(1000)]
    entries = world.plain.post("/v1/batches", {"submissions": bodies}, timeout=60).json["jobs"]
    assert len({e["id"] for e in entries}) == 1000
    for n in (0, 500, 999):
        assert world.plain.get(f"/v1/jobs/{entries[n]['id']}?wait=60", timeout=70).json["result"]["output"] == f"{n}\n"


def test_ready_is_refused_while_it_drains():
    s = Service("--lanes", "1")
    with s.socket() as c:
        c.sendall(request("POST", "/v1/execute", json.dumps(ENDLESS).encode()))
        s.await_metric("kodewar_jobs_running", 1)
        os.kill(s.pid, signal.SIGTERM)
        s.await_log("drains")
        for method, path, body in (("GET", "/readyz", None), *(("POST", p, b) for p, b in SUBMITS.items())):
            answer = s.ask(method, path, body and json.dumps(body), JSON if body else None)
            assert answer.status == 503 and int(answer.headers["Retry-After"]) >= 1 and "about to end" in answer.problem["detail"]
    s.close()
