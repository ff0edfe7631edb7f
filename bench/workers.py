#!/usr/bin/python3.11
# SPDX-License-Identifier: Apache-2.0
"""`kodewar worker` on a queue in Redis, beside the bare engine and beside a plain Celery worker: a section of the bench, and a
run by itself.

    bench/workers.py [--build DIR] [--rounds N]

Redis, the workers and who fills the queue share the same cores. Each number of ours has its counterpart measured right
before or after it: compare the ratios.
"""
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid

import alone
import workloads
from measure import CORES, ENV, PROGRAMS, TOP, Absent, median, quantile, tree_cpu_usec, wait_until
from ours import SOURCE_TREE, Ours, request
from resp import Server, pack

JOBS = "kodewar:jobs"
BURSTS = 7
BURST_JOBS, TASKS = 2000, 300  # of a full burst
TAKEOVERS = 6
LEASE_SEC = 3
POLL_SEC = .002
OURS, PLAIN = "bench.ours", "bench.plain"
HERE = os.path.join(TOP, "bench", "plain")  # alone in its folder: what lies beside it could be imported in the place of others
KEPT = 2000  # jobs and results whose size in Redis is measured
SLOW = {"language": "python", "code": "import time\ntime.sleep(30)"}


class Worker:
    """A running `kodewar worker`, ready."""

    def __init__(self, build, redis, *words):
        self.home = tempfile.TemporaryDirectory(prefix="kodewar-bench-worker-")
        os.chmod(self.home.name, 0o755)
        self._errors = open(os.path.join(self.home.name, "stderr"), "w+b")
        self.process = subprocess.Popen(
            [os.path.join(build, "kodewar"), "worker", "--redis", redis.url, *SOURCE_TREE, "--log-dir", self.home.name, *map(str, words)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._errors, env=ENV)
        if b"works for queue" not in self.process.stdout.readline():
            self._errors.seek(0)
            why = self._errors.read().decode(errors="replace")[-200:]
            self.kill()
            raise Absent(f"worker did not start: {why}")

    def cpu_usec(self):
        return tree_cpu_usec(self.process.pid)

    def kill(self):
        self.process.kill()
        self._reap()

    def _reap(self):
        self.process.wait()
        self.process.stdout.close()
        self._errors.close()
        self.home.cleanup()

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self._reap()


# ---- streams ----

def fill(redis, body, count):
    """Ids and packed XADDs of so many jobs."""
    ids = [uuid.uuid4().hex for _ in range(count)]
    return ids, [pack("XADD", JOBS, "*", "id", i, "payload", body) for i in ids]


def forget(redis, ids):
    """All that is kept of jobs; says what was wrong with one of them."""
    bad = None
    for i, text in zip(ids, redis.client.many([pack("GET", f"kodewar:result:{i}") for i in ids])):
        if text is None or b'"verdict":"accepted"' not in text:
            bad = bad or f"job {i}: {text and text[:200]}"
    redis.client("DEL", *(f"kodewar:{what}:{i}" for i in ids for what in ("result", "done")))
    if bad:
        raise Absent(bad)


def stream_burst(redis, body, count):
    """Nanoseconds from the first byte of the first XADD to the last result and acknowledgement, both in Redis."""
    ids, packed = fill(redis, body, count)
    start = time.perf_counter_ns()
    redis.client.many(packed)
    while redis.client("XLEN", JOBS):
        time.sleep(POLL_SEC)
    nsec = time.perf_counter_ns() - start
    return nsec, ids


def overhead(build, redis, effort):
    """Jobs through the queue and through the engine by itself, burst by burst in turn."""
    count = max(200, int(BURST_JOBS * effort))
    body, found = request(workloads.EMPTY).strip(), {"queue": [], "engine": [], "worker_us": [], "redis_us": [], "engine_us": []}
    worker = Worker(build, redis, "--runner", "pooled", "--lanes", CORES)
    engine = None
    try:
        engine = Ours(os.path.join(build, "kodewar"), "pooled", workloads.EMPTY, in_flight=1)
        engine.burst(count // 4, 2 * CORES)
        forget(redis, stream_burst(redis, body, count // 4)[1])
        calls, inner = redis.calls(), engine._burst_engine(2 * CORES).process.pid  # pylint: disable=protected-access
        for _ in range(BURSTS):
            before = tree_cpu_usec(inner)
            found["engine"].append(engine.burst(count, 2 * CORES))
            found["engine_us"].append((tree_cpu_usec(inner) - before) / count)
            before, redis_before = worker.cpu_usec(), redis.cpu_sec()
            nsec, ids = stream_burst(redis, body, count)
            found["queue"].append(nsec)
            found["worker_us"].append((worker.cpu_usec() - before) / count)
            found["redis_us"].append((redis.cpu_sec() - redis_before) * 1e6 / count)
            forget(redis, ids)
        after = redis.calls()
    finally:
        worker.close()
        if engine:
            engine.close()
    ours = ("get", "del", "xlen", "info")  # the bench's own
    per_job = {name: (after[name] - calls.get(name, 0)) / (BURSTS * count) for name in sorted(after) if name not in ours}
    return {"jobs": count, "queue_rate": median([count * 1e9 / n for n in found["queue"]]),
            "engine_rate": median([count * 1e9 / n for n in found["engine"]]),
            "ratio": median([q / e for q, e in zip(found["queue"], found["engine"])]),
            **{key: median(found[key]) for key in ("worker_us", "redis_us", "engine_us")},
            "commands": {name: calls for name, calls in per_job.items() if calls >= .01}}


def sizes(redis):
    """Bytes of Redis' memory for a job that waits and for a result that is kept, of a hello's size."""
    body = request(workloads.ALL["python-hello"]).strip()
    ids, packed = fill(redis, body, KEPT)
    before = redis.used_bytes()
    redis.client.many(packed)
    waiting = redis.used_bytes() - before
    redis.client("DEL", JOBS)
    return {"payload_bytes": len(body), "waiting_bytes": waiting / KEPT, "ids": ids}


def kept(build, redis):
    """The same of results, which a worker makes."""
    found = sizes(redis)
    worker = Worker(build, redis, "--runner", "pooled", "--lanes", CORES)
    try:
        body = request(workloads.ALL["python-hello"]).strip()
        forget(redis, stream_burst(redis, body, 20)[1])
        before = redis.used_bytes()
        _, ids = stream_burst(redis, body, KEPT)
        found["result_bytes"] = (redis.used_bytes() - before) / KEPT
        found["result_text_bytes"] = redis.client("STRLEN", f"kodewar:result:{ids[0]}")
        forget(redis, ids)
    finally:
        worker.close()
    del found["ids"]
    return found


# ---- Celery ----

class Celery:
    """A plain Celery worker with as many processes as there are cores, and the text of a task's message as Celery sends it."""

    def __init__(self, redis, python):
        self.home = tempfile.TemporaryDirectory(prefix="kodewar-bench-celery-")
        code = os.path.join(PROGRAMS, workloads.ALL["python-hello"].argv[-1])
        env = {**ENV, "PLAIN_URL": redis.url, "PLAIN_QUEUE": PLAIN, "PLAIN_CODE": code, "PYTHONPATH": HERE}
        sent = subprocess.run([python, os.path.join(HERE, "plain_celery.py")], env=env, cwd=self.home.name, capture_output=True, check=False)
        if sent.returncode:
            raise Absent(f"Celery cannot send: {sent.stderr.decode(errors='replace')[-200:]}")
        self.message = redis.client("RPOP", PLAIN)
        self.process = subprocess.Popen(
            [python, "-m", "celery", "-A", "plain_celery", "worker", "-Q", PLAIN, "-c", str(CORES), "-n", "plain@bench", "-l", "ERROR",
             "--without-gossip", "--without-mingle", "--without-heartbeat"],
            env=env, cwd=self.home.name, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def cpu_usec(self):
        return tree_cpu_usec(self.process.pid)

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.home.cleanup()


def tasks(message, queue, count):
    """Ids and packed pushes: the message that Celery sent, each with ids of its own."""
    text = json.loads(message)
    ids, packed = [str(uuid.uuid4()) for _ in range(count)], []
    for i in ids:
        text["headers"].update(id=i, root_id=i)
        text["properties"].update(correlation_id=i, delivery_tag=str(uuid.uuid4()))
        text["properties"]["delivery_info"]["routing_key"] = queue
        packed.append(pack("LPUSH", queue, json.dumps(text)))
    return ids, packed


def task_burst(redis, message, queue, count):
    """Nanoseconds from the first byte of the first task to the last result in Redis."""
    ids, packed = tasks(message, queue, count)
    keys = [f"celery-task-meta-{i}" for i in ids]
    start = time.perf_counter_ns()
    redis.client.many(packed)
    while (done := redis.client("EXISTS", *keys)) < count:
        if time.perf_counter_ns() - start > 120e9:
            raise Absent(f"{queue}: {done} of {count} tasks after two minutes")
        time.sleep(5 * POLL_SEC)
    nsec = time.perf_counter_ns() - start
    for text in redis.client("MGET", *keys):
        if json.loads(text)["result"].get("output") != "hello\n":
            raise Absent(f"{queue}: {text[:200]}")
    redis.client("DEL", *keys)
    return nsec


def celery(build, redis, effort):
    """Tasks a second of our worker and of Celery's, on as many cores, burst by burst in turn."""
    python = newest_celery()
    count = max(50, int(TASKS * effort))
    rows = {"ours": [], "plain": [], "ours_us": [], "plain_us": []}
    with contextlib.ExitStack() as stack:
        plain = stack.enter_context(contextlib.closing(Celery(redis, python)))
        ours = stack.enter_context(contextlib.closing(
            Worker(build, redis, "--celery", "--celery-queue", OURS, "--celery-node", "ours@bench", "--lanes", CORES)))
        sides = {"ours": (ours, OURS), "plain": (plain, PLAIN)}
        for _, queue in sides.values():
            task_burst(redis, plain.message, queue, 20)
        for _ in range(max(3, BURSTS // 2)):
            for name, (side, queue) in sides.items():
                before = side.cpu_usec()
                rows[name].append(count * 1e9 / task_burst(redis, plain.message, queue, count))
                rows[name + "_us"].append((side.cpu_usec() - before) / count)
    return {"tasks": count, "version": version_of(python), "ratio": median([o / p for o, p in zip(rows["ours"], rows["plain"])]),
            "processor": median([p / o for o, p in zip(rows["ours_us"], rows["plain_us"])]),
            **{name: median(values) for name, values in rows.items()}}


def newest_celery():
    """A Python that has Celery: tools/celery-versions makes one for each version."""
    found = sorted(d for d in os.listdir(os.path.join(TOP, "build/celery"))) if os.path.isdir(os.path.join(TOP, "build/celery")) else []
    if not found:
        raise Absent("no Celery: tools/celery-versions makes it")
    return os.path.join(TOP, "build/celery", found[-1], "bin/python")


def version_of(python):
    done = subprocess.run([python, "-c", "import celery; print(celery.__version__)"], capture_output=True, text=True, check=True)
    return done.stdout.strip()


# ---- who dies ----

def holder(redis):
    entries = redis.client("XPENDING", JOBS, "workers", "-", "+", 1)
    return entries[0][1] if entries else None


def takeovers(build, redis, rounds=TAKEOVERS):
    """Seconds from kill -9 to the moment when the job is another's, killed at other moments of the lease each time."""
    words = ("--runner", "pooled", "--lanes", 1, "--prefetch", 0, "--lease", LEASE_SEC)
    names, found = {}, []
    try:
        for n in range(rounds):
            while len(names) < 2:
                _start_named(build, redis, names, words)
            redis.client("XADD", JOBS, "*", "id", uuid.uuid4().hex, "payload", json.dumps(SLOW))
            wait_until(lambda: holder(redis) in names, 20, "a job was not taken")
            time.sleep(n * LEASE_SEC / rounds)
            dead = holder(redis)
            names.pop(dead).kill()
            begun = time.monotonic()
            while holder(redis) == dead:
                if time.monotonic() - begun > 3 * LEASE_SEC:
                    raise Absent("a dead worker's job was never taken over")
                time.sleep(POLL_SEC)
            found.append(time.monotonic() - begun)
            names.pop(holder(redis)).kill()
            redis.client("DEL", JOBS)
    finally:
        for worker in names.values():
            worker.kill()
    return {"lease_sec": LEASE_SEC, "rounds": rounds, "max_sec": max(found), "median_sec": median(found), "p10_sec": quantile(found, .1)}


def _start_named(build, redis, names, words):
    """Its name in Redis is that of its beat."""
    def beats():
        return {key.decode().removeprefix("kodewar:worker:") for key in redis.client("KEYS", "kodewar:worker:*")}
    before = beats()
    worker = Worker(build, redis, *words)
    try:
        wait_until(lambda: beats() - before, 20, "a worker does not beat")
    except Absent:
        worker.kill()
        raise
    names[(beats() - before).pop().encode()] = worker


# ---- all ----

def carries(redis):
    """What this Redis does in a second by its own benchmark: simple commands one by one of 50 clients, and the same in a pipeline."""
    if not shutil.which("redis-benchmark", path=ENV["PATH"]):
        return None
    words = ("-n", "100000", "-c", "50", "XADD", "bench", "*", "id", "0" * 32, "payload", "x" * 200)
    found = {"single": redis.benchmark(*words), "pipelined": redis.benchmark("-P", "16", *words)}
    redis.client("DEL", "bench")
    return found


def measure(build, rounds, effort, absent):
    """All of it; None where no Redis or no worker is to be had here."""
    try:
        with contextlib.closing(Server()) as redis:
            found = {"overhead": overhead(build, redis, effort), "sizes": kept(build, redis), "carries": carries(redis),
                     "takeover": takeovers(build, redis, min(TAKEOVERS, max(2, rounds // 30)))}
            try:
                found["celery"] = celery(build, redis, effort)
            except Absent as e:
                absent["a plain Celery worker"], found["celery"] = str(e), None
            return found
    except Absent as e:
        absent["queue"] = str(e)
        return None


if __name__ == "__main__":
    sys.exit(alone.run(__doc__, measure))
