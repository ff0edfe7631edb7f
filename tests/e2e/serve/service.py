# SPDX-License-Identifier: Apache-2.0
"""A running `kodewar serve`, and ways to talk to it that a polite client library would not take."""
import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from command_line import BINARY, CLEAN_ENV, ROOT  # noqa: E402
from quiet import steady  # noqa: E402

JSON = {"Content-Type": "application/json"}
HELLO = {"language": "python", "code": "print(6*7)"}
# Until the client lets go of it, or its limit of a minute is reached.
ENDLESS = {"language": "python", "code": "import time\nprint('on', flush=True)\ntime.sleep(50)"}


class Answer:
    def __init__(self, response):
        self.status, self.headers = response.status, response.headers
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def problem(self):
        """The body, which must be a problem that says what the status line says."""
        assert self.headers["Content-Type"] == "application/problem+json", self.body
        problem = self.json
        assert problem["status"] == self.status
        assert problem["title"] and problem["detail"] and problem["request_id"] == self.headers["X-Request-Id"]
        return problem


class Service:
    """Listens on a port that the kernel chose; state and logs are its own."""

    def __init__(self, *options, listen=("127.0.0.1:0",), env=None, binary=BINARY, state=None, wait=60, descriptors=None,
                 prefix=(), wrap=None, owner=None):
        self.home = tempfile.TemporaryDirectory(prefix="kodewar-serve-")
        os.chmod(self.home.name, 0o755)
        self.state = state or self.home.name + "/state"
        self.logs = self.home.name + "/logs"
        self.errors = tempfile.TemporaryFile()
        arguments = [binary, "serve", *(f"--listen={a}" for a in listen), "--state-dir", self.state, "--log-dir", self.logs]
        if descriptors:
            arguments = ["prlimit", f"--nofile={descriptors}", *arguments]
        arguments += map(str, options)
        if owner:
            os.chown(self.home.name, owner, owner)
        self.process = subprocess.Popen(wrap(*arguments) if wrap else [*prefix, *arguments], stdout=subprocess.PIPE, stderr=self.errors,
                                        cwd=ROOT, env={**CLEAN_ENV, **(env or {})})
        self.said = self._await_curl(time.monotonic() + wait)
        self.pid = innermost(self.process.pid) if wrap else self.process.pid
        ports = re.findall(r"serves on http://\S*:(\d+)", self.said)
        self.port = int(ports[0]) if ports else None

    def _await_curl(self, until):
        """All that is printed up to the curl line, which is the last."""
        said = ""
        while "\n  curl" not in said or not said.endswith("\n"):
            line = self.process.stdout.readline().decode()
            assert line and time.monotonic() < until, "it did not start: " + said + self.complaint()
            said += line
        return said

    def complaint(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace")[-3000:]

    def connection(self, timeout=30):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(self, method, path, body=None, headers=None, timeout=30):
        c = self.connection(timeout)
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        headers = dict(headers or {})
        if body is not None:
            headers = {**JSON, **headers}
        try:
            c.request(method, path, body, headers)
            return Answer(c.getresponse())
        finally:
            c.close()

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def post(self, path, body, **more):
        return self.ask("POST", path, body, **more)

    def run(self, **request):
        answer = self.post("/v1/execute", request)
        assert answer.status == 200, answer.body
        return answer.json

    def socket(self, timeout=30):
        s = socket.create_connection(("127.0.0.1", self.port), timeout=timeout)
        return s

    def raw(self, data, timeout=30):
        """What comes back until the other end closes."""
        with self.socket(timeout) as s:
            s.sendall(data)
            return read_all(s)

    def metric(self, name):
        text = self.get("/metrics").body.decode()
        return float(re.search(rf"^{re.escape(name)} (\S+)$", text, re.M)[1])

    def await_metric(self, name, value, timeout=20):
        until = time.monotonic() + timeout
        while (now := self.metric(name)) != value:
            assert time.monotonic() < until, f"{name} is {now}, not {value}"
            time.sleep(0.02)

    def memory_kb(self):
        """That the gate itself has filled; its share of files would grow whenever another that maps them ends."""
        text = pathlib.Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        return int(re.search(r"^Anonymous: +(\d+) kB$", text, re.M)[1])

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def at_rest(self):
        """(descriptors, memory) while nobody is connected and nothing is judged: what later moments can be held against."""
        self.await_metric("kodewar_http_connections", 1)  # who asks
        self.await_metric("kodewar_jobs_waiting", 0)
        self.await_metric("kodewar_lanes_idle", self.metric("kodewar_lanes"))
        return steady(self.descriptors), self.memory_kb()

    def log(self):
        return pathlib.Path(self.logs, "sandbox.log").read_text()

    def await_log(self, words, timeout=20):
        """A request is logged when its exchange is over, which may be after its answer has come."""
        until = time.monotonic() + timeout
        while words not in self.log():
            assert time.monotonic() < until, f"{words} is not in the log"
            time.sleep(0.02)

    def await_log_after(self, at, words, timeout=20):
        until = time.monotonic() + timeout
        while words not in self.log()[at:]:
            assert time.monotonic() < until, f"{words} is not in {self.log()[at:]}"
            time.sleep(0.02)

    def end(self, by=signal.SIGTERM, timeout=60):
        """Its exit code."""
        if self.process.poll() is None:
            os.kill(self.pid, by)
        try:
            return self.process.wait(timeout)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()

    def close(self):
        code = self.end()
        complaint = self.complaint()
        self.errors.close()
        self.home.cleanup()
        assert code == 0, f"{code}: {complaint}"


def innermost(pid):
    """The service below the programs that made a place for it; what it started itself is no child of those."""
    while os.path.basename(os.readlink(f"/proc/{pid}/exe")) != "kodewar":
        pid = int(pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
    return pid


@contextlib.contextmanager
def serving(*options, **more):
    service = Service(*options, **more)
    try:
        yield service
    finally:
        service.close()


def read_all(s):
    parts = []
    while part := s.recv(65536):
        parts.append(part)
    return b"".join(parts)


def read_answer(s):
    """One whole answer of a raw connection, head and body, that has a Content-Length."""
    got = b""
    while b"\r\n\r\n" not in got:
        part = s.recv(65536)
        assert part, got
        got += part
    head, _, rest = got.partition(b"\r\n\r\n")
    length = int(re.search(rb"content-length: (\d+)", head.lower())[1])
    while len(rest) < length:
        part = s.recv(65536)
        assert part, got
        rest += part
    return head, rest[:length], rest[length:]


def request(method="GET", path="/healthz", body=None, version="HTTP/1.1", **headers):
    lines = [f"{method} {path} {version}", "Host: localhost"]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b"")


def events(response):
    """(id, name, data) of a stream, as they come, comments left out."""
    fields = {}
    for line in response:
        line = line.decode().rstrip("\n")
        if not line and fields:
            yield int(fields["id"]), fields["event"], json.loads(fields["data"])
            fields = {}
        elif line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            assert name not in fields, line
            fields[name] = value
