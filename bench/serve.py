#!/usr/bin/python3.11
# SPDX-License-Identifier: Apache-2.0
"""`kodewar serve` under load, beside the bare engine: a section of the bench, and a short run by itself.

    bench/serve.py [--build DIR] [--rounds N]

The load is made by bench/load.c on the loopback, on the same cores: so what each part costs is told per job as well.
"""
import contextlib
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time

import alone
import workloads
from measure import ENV, Absent, comm, hang_up, median, memory, quantile, tree
from ours import SOURCE_TREE, Ours, request

CLIENTS = (1, 2, 4, 8, 16, 32, 64)
BURST_SEC = 1.2
BURSTS = 5
STREAMS = 1000
PAUSE_SEC = .01  # lanes are cleaned, and the box of the next turn is made: both sides find their pool full
TICK = os.sysconf("SC_CLK_TCK")
PARTS = ("gate", "warden", "boxes", "load")


def _cpu(pid, children):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
        fields = [int(n) for n in f.read().rpartition(")")[2].split()[11:15]]
    return sum(fields if children else fields[:2]) / TICK


class Service:
    """A running `kodewar serve` with state and logs of its own, and a bench-load that asks it."""

    def __init__(self, build, directory, program):
        self.home = tempfile.TemporaryDirectory(prefix="serve-", dir=directory)
        for d in (directory, self.home.name):
            os.chmod(d, 0o755)
        self._errors = open(os.path.join(self.home.name, "stderr"), "w+b")
        config = os.path.join(self.home.name, "config.yaml")
        with open(config, "w", encoding="utf-8") as f:
            f.write("queue: 20000\n")
        self.process = subprocess.Popen(
            [os.path.join(build, "kodewar"), "serve", "--config", config, "--listen", "127.0.0.1:0", *SOURCE_TREE,
             "--state-dir", self.home.name + "/state", "--log-dir", self.home.name + "/log"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._errors, env=ENV)
        self.load = None
        try:
            self.port = self._await_port(60)
            body = os.path.join(self.home.name, "body.json")
            with open(body, "w", encoding="utf-8") as f:
                f.write(request(program))
            self.load = subprocess.Popen([os.path.join(build, "bench-load"), str(self.port), body],
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENV)
        except BaseException:
            self.close()
            raise

    def _await_port(self, seconds):
        said, end = b"", time.monotonic() + seconds
        while not (found := re.search(rb"http://127\.0\.0\.1:(\d+)\s", said)):
            ready = select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))[0]
            part = os.read(self.process.stdout.fileno(), 4096) if ready else b""
            if not part:
                self._errors.seek(0)
                raise Absent("serve did not start: " + self._errors.read().decode(errors="replace")[-200:])
            said += part
        return int(found[1])

    def ask(self, *words):
        """One line of bench-load's, and its answer."""
        self.load.stdin.write((" ".join(map(str, words)) + "\n").encode())
        self.load.stdin.flush()
        line = self.load.stdout.readline()
        if not line:
            raise Absent(f"bench-load ended: {words}")
        return json.loads(line)

    def cpu(self):
        """Seconds of each part: gate and warden by themselves; boxes are launchers, zygotes and all that was waited for."""
        found = dict.fromkeys(PARTS[:3], 0.0)
        for pid in tree(self.process.pid):
            try:
                own, all_of_it = _cpu(pid, False), _cpu(pid, True)
                part = "gate" if pid == self.process.pid else "warden" if comm(pid) == "kodewar-warden" else "boxes"
            except OSError:
                continue
            found[part] += own
            found["boxes"] += all_of_it - own
        return found

    def pss_kb(self):
        return memory(self.process.pid)["Pss"]

    def get(self, path, method="GET", body=None):
        """The body of an answer, by a connection of its own."""
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        if body is not None:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        with socket.create_connection(("127.0.0.1", self.port), 30) as s:
            s.sendall(f"{head}\r\n{body or ''}".encode())
            answer = b"".join(iter(lambda: s.recv(65536), b""))
        return answer.partition(b"\r\n\r\n")[2].decode()

    def close(self):
        if self.load:
            hang_up(self.load)
            self.load.stdout.close()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self._errors.close()
        self.home.cleanup()


@contextlib.contextmanager
def serving(build, directory, program):
    service = Service(build, directory, program)
    try:
        yield service
    finally:
        service.close()


def overhead(service, engine, rounds):
    """The same request of an idle engine and over HTTP, in turn; of turns that found their box waiting. Beside them an empty GET."""
    http, pings, missed = [], [], 0
    for i in range(-5, rounds):
        time.sleep(PAUSE_SEC)
        engine.turn(count=i >= 0)
        time.sleep(PAUSE_SEC)
        pings.append(service.ask("ping")["nsec"])
        time.sleep(PAUSE_SEC)
        found = service.ask("one")
        if found["answer"]["verdict"] != "accepted":
            raise Absent(f"serve: {found['answer']}")
        if found["answer"]["runner"] != "pooled":
            missed += i >= 0
        elif i >= 0:
            http.append(found["nsec"])
    if not http or not engine.answers:
        raise Absent("no turn found a box waiting")
    return {"http_us": median(http) / 1e3, "engine_us": median(engine.answers) / 1e3,
            "http_p99_us": quantile(http, .99) / 1e3, "engine_p99_us": quantile(engine.answers, .99) / 1e3,
            "ping_us": median(pings) / 1e3, "more_us": (median(http) - median(engine.answers)) / 1e3, "missed": missed + engine.missed,
            "least": min(http) / min(engine.answers)}


def clients(service, effort, levels=CLIENTS):
    """clients -> jobs/s, latencies and cpu per job: levels in turn, three bursts of each."""
    rate, rows = service.ask("sync", 200, 4), {str(n): [] for n in levels}
    runs = max(100, int(200 * 1e9 / rate["nsec"] * BURST_SEC * effort))
    for _ in range(BURSTS):
        for n in levels:
            before = service.cpu()
            found = service.ask("sync", runs, n)
            time.sleep(.05)  # the last boxes are waited for
            after = service.cpu()
            cpu = {part: (after[part] - before[part]) * 1e6 / runs for part in before}
            rows[str(n)].append({**found, "rate": runs * 1e9 / found["nsec"],
                                 "cpu": {**cpu, "load": found["cpu_usec"] / runs}})
    return {n: {"rate": median([b["rate"] for b in bursts]),
                "p50_ms": median([b["p50_nsec"] for b in bursts]) / 1e6,
                "p99_ms": median([b["p99_nsec"] for b in bursts]) / 1e6,
                "queue_ms": int(n) * 1e3 / median([b["rate"] for b in bursts]),
                "cpu_us": {part: median([b["cpu"][part] for b in bursts]) for part in PARTS}}
            for n, bursts in rows.items()}


def durable(service, effort, at_once=16):
    """Jobs per second through the journal, from the first byte to the last result, beside synchronous ones in turn."""
    runs = max(100, int(1500 * effort))
    pairs = [(service.ask("sync", runs, at_once), service.ask("async", runs, at_once)) for _ in range(BURSTS)]
    return {"sync_rate": median([runs * 1e9 / s["nsec"] for s, _ in pairs]),
            "async_rate": median([runs * 1e9 / a["nsec"] for _, a in pairs]),
            "accept_rate": median([runs * 1e9 / a["accepted_nsec"] for _, a in pairs]),
            "ratio": median([s["nsec"] / a["nsec"] for s, a in pairs])}


def ratios(build, directory, program, blocks, turns, runs):
    """What the gate compares: HTTP to the engine, a crowd to two clients, the journal to none; less is better."""
    with serving(build, directory, program) as service:
        engine, over = Ours(os.path.join(build, "kodewar"), "pooled", program), []
        try:
            for _ in range(blocks):
                engine.answers = []
                over.append(overhead(service, engine, turns)["least"])
        finally:
            engine.close()
        sets = [[service.ask(*words)["nsec"] for words in (("sync", runs, 2), ("sync", runs, 64), ("async", runs, 16))]
                for _ in range(blocks)]
    return {"http over the engine": median(over),
            "64 clients over 2": median([crowd / two for two, crowd, _ in sets]),
            "journalled over synchronous": median([kept / two for two, _, kept in sets])}


def _open_stream(service, path):
    s = socket.create_connection(("127.0.0.1", service.port), 30)
    s.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n".encode())
    said = b""
    while b"event: running" not in said:
        part = s.recv(4096)
        if not part:
            raise Absent(f"a stream ended: {said[:200]}")
        said += part
    return s


def streams(service, count=STREAMS):
    """What so many streams that wait cost the gate, MB: each follows one job that sleeps."""
    body = json.dumps({"language": "python", "code": "import time\ntime.sleep(50)"})
    job = json.loads(service.get("/v1/jobs", "POST", body))["id"]
    open_ones = [_open_stream(service, f"/v1/jobs/{job}/events")]
    time.sleep(.2)
    before = service.pss_kb()
    try:
        open_ones += [_open_stream(service, f"/v1/jobs/{job}/events") for _ in range(count)]
        return {"count": count, "mb": (service.pss_kb() - before) / 1024}
    finally:
        for s in open_ones:
            s.close()
        service.get(f"/v1/jobs/{job}", "DELETE")


def measure(build, directory, rounds, effort, absent):
    """All of it; None where the service or its pool is not to be had here."""
    program = workloads.ALL["python-hello"]
    try:
        with serving(build, directory, program) as service:
            # First: what a crowd leaves in the gate's heap would be room for streams that nobody sees.
            found = {"streams": streams(service)}
            engine = Ours(os.path.join(build, "kodewar"), "pooled", program)
            try:
                found["overhead"] = overhead(service, engine, rounds)
            finally:
                engine.close()
            found["clients"] = clients(service, effort)
            found["durable"] = durable(service, effort)
            return found
    except Absent as e:
        absent["service"] = str(e)
        return None


def measure_alone(build, rounds, effort, absent):
    with tempfile.TemporaryDirectory(prefix="kodewar-bench-") as directory:
        return measure(build, directory, rounds, effort, absent)


if __name__ == "__main__":
    sys.exit(alone.run(__doc__, measure_alone))
