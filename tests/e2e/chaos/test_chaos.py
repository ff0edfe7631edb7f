# SPDX-License-Identifier: Apache-2.0
"""The soak of the service: `kill -9` of gate, warden and launchers at random, while clients submit.

No job is lost, none is there twice, none has another one's answer.  KODEWAR_CHAOS_SEC says for how long (90 unless
said): two thirds of it for kills of everything, and then one life, in which only launchers die, and whose memory,
descriptors, mounts, namespaces and control groups are counted at its begin and its end.  What a client does is what a
client must do: an answer that did not come is asked for again under the same key.
"""
import http.client
import json
import os
import pathlib
import random
import signal
import socket
import sqlite3
import sys
import tempfile
import threading
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "serve"))
from service import JSON, ROOT, Service, events  # noqa: E402

sys.path.insert(0, str(ROOT / "tests/hostile"))
import host as machine  # noqa: E402
from quiet import nothing_grew, quiet_state  # noqa: E402
from resident import below  # noqa: E402

SECONDS = float(os.environ.get("KODEWAR_CHAOS_SEC", "90"))
CLIENTS, LANES = 3, 2
ZYGOTES_KB = 40_000  # pages that they share with programs which wait, or do not at that moment
LOST = (OSError, http.client.HTTPException)
# Of what is over little stays in memory, so that what does not belong there shows.
CONFIG = "kept_bytes: 262144\n"


@pytest.fixture(scope="module", autouse=True)
def apart():
    if os.geteuid() != 0:
        pytest.skip("boxes need root")
    machine.stand_apart()


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

    def __init__(self, home):
        self.config, self.state = home + "/serve.yaml", home + "/state"
        pathlib.Path(self.config).write_text(CONFIG)
        self.port, self.starts = free_port(), 0
        self.kills = {"gate": 0, "warden": 0, "launcher": 0}
        self.start()

    def start(self):
        self.service = Service("--lanes", LANES, "--config", self.config, listen=(f"127.0.0.1:{self.port}",), state=self.state)
        self.starts += 1

    def ensure(self):
        if self.service.process.poll() is not None:
            self.service.process.stdout.close()
            self.service.errors.close()
            self.service.home.cleanup()
            self.start()

    # what quiet.py asks for
    @property
    def pid(self):
        return self.service.pid

    def processes(self, *kinds):
        return [p for p in below(self.pid) if p.kind in kinds]

    def warden(self):
        return next(p.pid for p in below(self.pid) if p.name == "kodewar-warden" and p.parent == self.pid)

    def quiet_state(self):
        self.service.await_metric("kodewar_jobs_running", 0, 60)
        self.service.await_metric("kodewar_jobs_waiting", 0, 60)
        return quiet_state(self, LANES)

    def kill_one(self, rng, kinds):
        what = rng.choice(kinds)
        try:
            victims = {"gate": lambda: [self.pid], "warden": lambda: [self.warden()],
                       "launcher": lambda: [p.pid for p in self.processes("launcher")]}[what]()
        except StopIteration:
            return
        if victims:
            kill(rng.choice(victims))
            self.kills[what] += 1
        if what == "gate":
            self.service.process.wait()


class Worker(threading.Thread):
    """Works as long as it is let; `failure` is what went wrong."""

    def __init__(self, host, number):
        super().__init__()
        self.host, self.number, self.failure, self.n = host, number, None, 0
        self.go, self.idle, self.over = threading.Event(), threading.Event(), False
        self.go.set()

    def run(self):
        try:
            while not self.over:
                if not self.go.wait(0.05):
                    self.idle.set()
                    continue
                self.idle.clear()
                self.n += 1
                self.work()
                time.sleep(0.05)
        except BaseException as e:
            self.failure = e
        self.idle.set()

    def pause(self):
        self.go.clear()
        self.idle.clear()


class Client(Worker):
    """Submits, insists on an answer, and writes down ids by key."""

    def __init__(self, host, number):
        super().__init__(host, number)
        self.ids = {}

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

    def work(self):
        key = f"k{self.number}-{self.n}"
        self.ids[key] = self.submit(key, f"print('{key}', input())", "python")


class Visitor(Worker):
    """Waits for results in a stream, or goes away in the middle of one; what he is told must be his own."""

    def work(self):
        word = f"v{self.number}-{self.n}"
        leaves = self.n % 3 == 0
        code = f"import time\nprint('{word}', flush=True)\ntime.sleep({5 if leaves else 0.01})"
        c = self.host.service.connection(20)
        try:
            c.request("POST", "/v1/execute", json.dumps({"language": "python", "code": code}), {**JSON, "Accept": "text/event-stream"})
            response = c.getresponse()
            assert response.status in (200, 503), response.status
            for _, name, data in events(response) if response.status == 200 else ():
                if name == "output":
                    assert data["data"] == word + "\n", (word, data)
                    if leaves:
                        return
                if name == "result" and data["verdict"] != "internal_error":
                    assert data["output"] == word + "\n", (word, data)
        except LOST:
            time.sleep(0.1)
        finally:
            c.close()


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


def pause(host, workers):
    for w in workers:
        w.pause()
    while not all(w.idle.wait(0.05) for w in workers):
        host.ensure()
    fail(workers)


def resume(workers):
    for w in workers:
        w.go.set()


def fail(workers):
    for w in workers:
        if w.failure:
            raise w.failure


def rage(host, workers, rng, kinds, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(rng.uniform(0.3, 2))
        host.kill_one(rng, kinds)
        time.sleep(0.3)
        host.ensure()
        fail(workers)


def one_long_life(host, workers, rng):
    """Only launchers die; whatever that costs is paid back."""
    resume(workers)
    settling = max(10, SECONDS / 15)
    rage(host, workers, rng, ["launcher"], settling)
    pause(host, workers)
    before, pid = host.quiet_state(), host.pid
    resume(workers)
    rage(host, workers, rng, ["launcher"], SECONDS / 3 - settling)
    pause(host, workers)
    after = nothing_grew(before, host.quiet_state, ZYGOTES_KB)
    assert host.pid == pid, "it did not outlive its launchers: " + host.service.complaint()
    print(f"one life: {before['kb']} {before['descriptors']}\n   later: {after['kb']} {after['descriptors']}")


def check_results(host, ids):
    patience = time.monotonic() + 120 + SECONDS
    first = {key: await_result(host, job, patience) for key, job in ids.items()}
    # A result that was told is the same one for ever, also in another life.
    kill(host.pid)
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


def check_journal(host, ids):
    """Every job that is kept has its key, and every key one job."""
    db = sqlite3.connect(f"file:{host.state}/jobs.db?mode=ro", uri=True)
    rows = db.execute("SELECT key, id FROM jobs WHERE key != ''").fetchall()
    unfinished = db.execute("SELECT count(*) FROM jobs WHERE ended_ms IS NULL").fetchone()[0]
    total = db.execute("SELECT count(*) FROM jobs").fetchone()[0]
    db.close()
    assert sorted(rows) == sorted(ids.items()) and total == len(ids) and unfinished == 0


@pytest.mark.timeout(SECONDS * 3 + 300)
def test_no_job_is_lost_or_doubled_and_nothing_grows():
    rng = random.Random(20261121)
    census = machine.Census()
    with tempfile.TemporaryDirectory(prefix="kodewar-chaos-") as home:
        os.chmod(home, 0o755)
        host = Host(home)
        workers = [Client(host, i) for i in range(CLIENTS)] + [Visitor(host, CLIENTS)]
        for w in workers:
            w.start()
        try:
            time.sleep(max(5, SECONDS / 30))  # pages that are touched first
            pause(host, workers)
            first_life = host.quiet_state()
            resume(workers)
            rage(host, workers, rng, list(host.kills), SECONDS * 2 / 3)
            pause(host, workers)
            nothing_grew(first_life, host.quiet_state, ZYGOTES_KB)
            one_long_life(host, workers, rng)
        finally:
            for w in workers:
                w.over = True
                w.go.set()
            while any(w.is_alive() for w in workers):
                host.ensure()
                time.sleep(0.2)
        ids = {key: job for w in workers if isinstance(w, Client) for key, job in w.ids.items()}
        assert len(set(ids.values())) == len(ids) > 20
        assert all(host.kills.values()) and host.starts > 3
        check_results(host, ids)
        host.service.close()
        check_journal(host, ids)
    wrong = census.faults()
    assert not wrong, "\n".join(wrong)
