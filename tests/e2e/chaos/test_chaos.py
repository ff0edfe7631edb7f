# SPDX-License-Identifier: Apache-2.0
"""`kill -9` of gate, warden and launchers at random, while clients submit: no job is lost, none ends twice.

KODEWAR_CHAOS_SEC says for how long (30 unless said).  What a client does is what a client must do: an answer that did
not come is asked for again under the same key.
"""
import http.client
import os
import pathlib
import random
import signal
import socket
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "serve"))
from service import Service  # noqa: E402

SECONDS = float(os.environ.get("KODEWAR_CHAOS_SEC", "30"))
CLIENTS = 3
LOST = (OSError, http.client.HTTPException)


def children(pid):
    """All below it, by /proc: (pid, name)."""
    parents, names = {}, {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
        except OSError:
            continue
        name, rest = stat[stat.index("(") + 1:stat.rindex(")")], stat[stat.rindex(")") + 2:].split()
        parents[int(entry.name)], names[int(entry.name)] = int(rest[1]), name
    found, todo = [], [pid]
    while todo:
        above = todo.pop()
        for child, parent in parents.items():
            if parent == above:
                found.append((child, names[child]))
                todo.append(child)
    return found


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Host:
    """What systemd does: starts the service again when it is gone."""

    def __init__(self, state):
        self.state, self.port, self.starts = state, free_port(), 0
        self.kills = {"gate": 0, "warden": 0, "launcher": 0}
        self.start()

    def start(self):
        self.service = Service("--lanes", 2, listen=(f"127.0.0.1:{self.port}",), state=self.state)
        self.starts += 1

    def ensure(self):
        if self.service.process.poll() is not None:
            self.service.process.stdout.close()
            self.service.errors.close()
            self.service.home.cleanup()
            self.start()

    def kill_one(self, rng):
        below = children(self.service.pid)
        what = rng.choice(list(self.kills))
        if what == "gate":
            kill(self.service.pid)
            self.service.process.wait()
        else:
            warden = [p for p, _ in below if any(n == "kodewar-launche" for _, n in children(p))]
            launchers = [p for p, n in below if n == "kodewar-launche"]
            victims = warden[:1] if what == "warden" else launchers
            if not victims:
                return
            kill(rng.choice(victims))
        self.kills[what] += 1


class Client(threading.Thread):
    """Submits, insists on an answer, and writes down ids by key."""

    def __init__(self, host, number, until):
        super().__init__()
        self.host, self.number, self.until = host, number, until
        self.ids, self.failure = {}, None

    def submit(self, key, code, language):
        body = {"language": language, "code": code,
                "test_cases": [{"input": str(i), "expected": f"{key} {i}"} for i in range(3)]}
        while True:
            try:
                answer = self.host.service.post("/v1/jobs", body, headers={"Idempotency-Key": key}, timeout=20)
            except LOST:
                time.sleep(0.1)
                continue
            if answer.status in (429, 503):
                time.sleep(0.1)
                continue
            assert answer.status in (200, 202), (answer.status, answer.body)
            return answer.json["id"]

    def run(self):
        try:
            n = 0
            while time.monotonic() < self.until:
                n += 1
                key = f"k{self.number}-{n}"
                self.ids[key] = self.submit(key, f"print('{key}', input())", "python")
                time.sleep(0.05)
        except BaseException as e:
            self.failure = e


def await_result(host, job, until):
    while time.monotonic() < until:
        try:
            answer = host.service.get(f"/v1/jobs/{job}?wait=5", timeout=20)
        except LOST:
            host.ensure()
            continue
        assert answer.status == 200, (job, answer.status, answer.body)
        found = answer.json
        if "verdict" in (found.get("result") or found):
            return found.get("result") or found
    raise AssertionError(f"{job} has no result")


def test_no_job_is_lost_or_doubled():
    rng = random.Random(20261121)
    with tempfile.TemporaryDirectory(prefix="kodewar-chaos-") as state:
        os.chmod(state, 0o755)
        host = Host(state + "/state")
        until = time.monotonic() + SECONDS
        clients = [Client(host, i, until) for i in range(CLIENTS)]
        for c in clients:
            c.start()
        while time.monotonic() < until:
            time.sleep(rng.uniform(0.3, 2))
            host.kill_one(rng)
            time.sleep(0.3)
            host.ensure()
        while any(c.is_alive() for c in clients):
            host.ensure()
            time.sleep(0.2)
        for c in clients:
            if c.failure:
                raise c.failure
        ids = {key: job for c in clients for key, job in c.ids.items()}
        assert len(set(ids.values())) == len(ids) > 20
        patience = time.monotonic() + 120 + SECONDS
        first = {key: await_result(host, job, patience) for key, job in ids.items()}
        # A result that was told is the same one for ever, also in another life.
        kill(host.service.pid)
        host.service.process.wait()
        host.ensure()
        for key, job in ids.items():
            again = await_result(host, job, patience)
            assert again == first[key], key
            assert again["verdict"] in ("accepted", "internal_error"), again
            if again["verdict"] == "accepted":
                assert [c["actual"] for c in again["test_results"]] == [f"{key} {i}\n" for i in range(3)]
        broken = [key for key in ids if first[key]["verdict"] == "internal_error"]
        print(f"{len(ids)} jobs, {len(broken)} ended as internal_error, {host.starts} starts, kills {host.kills}")
        assert len(broken) <= len(ids) // 20, [first[key]["error"] for key in broken]
        host.service.close()
