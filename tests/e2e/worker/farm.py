# SPDX-License-Identifier: Apache-2.0
"""A redis-server and any number of `kodewar worker`s, started and ended by the test that uses them."""
import contextlib
import json
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

import redis

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from command_line import BINARY, CLEAN_ENV, ROOT, descendants, gone  # noqa: E402
from quiet import steady  # noqa: E402

HELLO = {"language": "python", "code": "print(6*7)"}
STREAMS = ("kodewar:jobs:high", "kodewar:jobs", "kodewar:jobs:low")
GROUP = "workers"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def until(what, seconds=30, every=0.02):
    """What it returns as soon as that is true."""
    end = time.monotonic() + seconds
    while True:
        found = what()
        if found:
            return found
        assert time.monotonic() < end, f"never came true: {what}"
        time.sleep(every)


class Redis:
    def __init__(self, *options):
        self.home = tempfile.TemporaryDirectory(prefix="kodewar-redis-")
        self.port = free_port()
        self.options = options
        self.process = None
        self.start()

    def start(self, *more):
        self.process = subprocess.Popen(self.launch(
            ["redis-server", "--port", str(self.port), *([] if "--bind" in self.options else ["--bind", "127.0.0.1"]),
             "--dir", self.home.name, "--save", "", *self.options, *more]), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.client = self.connect()
        until(self.answers)

    def launch(self, command):
        return command

    def connect(self):
        return redis.Redis(port=self.port, decode_responses=True, socket_timeout=20)

    def answers(self):
        try:
            return self.client.ping()
        except redis.AuthenticationError:
            return True
        except redis.ConnectionError:  # not yet, or loading
            assert self.process.poll() is None
            return False

    def stop(self, how=signal.SIGTERM):
        self.client.close()
        self.process.send_signal(how)
        self.process.wait(20)

    def close(self):
        if self.process.poll() is None:
            self.stop(signal.SIGKILL)
        self.home.cleanup()

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}/0"


class Worker:
    def __init__(self, url, *options, lanes=1, lease=2):
        self.errors = tempfile.TemporaryFile()
        self.orphans = set()  # what was its when it was killed: all of that ends with it
        self.process = subprocess.Popen(
            self.launch([BINARY, "worker", "--redis", url, "--lanes", str(lanes), "--lease", str(lease), "--log-dir", "-",
                         *map(str, options)]), stdout=subprocess.PIPE, stderr=self.errors, cwd=ROOT, env=CLEAN_ENV)
        line = self.process.stdout.readline().decode()
        assert line.startswith("kodewar works for queue"), self.log()

    def launch(self, command):
        return command

    def log(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace")

    def kill(self):
        self.orphans = descendants(self.process.pid)
        self.process.kill()
        self.process.wait(20)

    def term(self):
        self.process.terminate()

    def end(self, seconds=30):
        assert self.process.wait(seconds) == 0, self.log()


class Farm:
    binary = BINARY
    queue = "kodewar"  # what its keys begin with

    def __init__(self, *redis_options):
        self.redis = self.serve(*redis_options)
        self.workers = []

    def serve(self, *redis_options):
        """What keeps the queue: has client, url, stop and forget."""
        return Redis(*redis_options)

    @property
    def client(self):
        return self.redis.client

    def key(self, what, job=None):
        return f"{self.queue}:{what}" + (f":{job}" if job else "")

    @property
    def streams(self):
        return [self.key(s) for s in ("jobs:high", "jobs", "jobs:low")]

    def worker(self, *options, **named):
        self.workers.append(Worker(self.redis.url, *options, **named))
        return self.workers[-1]

    def add(self, job, request=None, stream=None, **fields):
        body = HELLO if request is None else request
        return self.client.xadd(stream or self.key("jobs"),
                                {"id": job, "payload": body if isinstance(body, str) else json.dumps(body), **fields})

    def result(self, job, seconds=30):
        """As docs/QUEUE.md says that it is waited for."""
        key = self.key("done", job)
        end = time.monotonic() + seconds
        while not (text := self.client.get(self.key("result", job))):
            left = end - time.monotonic()
            assert left > 0, f"no result of {job}\n" + "\n".join(w.log() for w in self.workers)
            self.client.blmove(key, key, min(left, 5), "LEFT", "LEFT")
        return json.loads(text)

    def held(self):
        """Entries in workers' hands."""
        return sum(len(self.pending(s)) for s in self.streams)

    def pending(self, stream=None):
        try:
            return self.client.xpending_range(stream or self.key("jobs"), GROUP, "-", "+", 10000)
        except redis.ResponseError as e:  # no worker was there yet
            assert "NOGROUP" in str(e)
            return []

    def left(self):
        return sum(self.client.xlen(s) for s in self.streams)

    def letters(self):
        return [fields for _, fields in self.client.xrange(self.key("dead"))]

    def counted(self, what):
        return int(self.client.hget(self.key("stats"), what) or 0)

    def tally(self, what):
        """Workers count a moment after the result is there: how often, once it stands still."""
        return steady(lambda: self.counted(what))

    def state(self):
        """What `kodewar queue` says."""
        done = self.command("queue", "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def command(self, *words, **named):
        return subprocess.run([BINARY, words[0], "--redis", self.redis.url, *map(str, words[1:])], cwd=ROOT, env=CLEAN_ENV,
                              capture_output=True, text=True, timeout=60, **named)

    def close(self):
        for w in self.workers:
            if w.process.poll() is None:
                w.kill()
            w.errors.close()
        self.redis.close()
        left = gone(set().union(*(w.orphans for w in self.workers)))
        assert not left, f"outlived their worker: {left}"


@contextlib.contextmanager
def farming(*redis_options, kind=Farm):
    farm = kind(*redis_options)
    try:
        yield farm
    finally:
        farm.close()


def sleeping(seconds, said="done"):
    return {"language": "python", "code": f"import time\ntime.sleep({seconds})\nprint({said!r})"}

