# SPDX-License-Identifier: Apache-2.0
"""A real Redis, real Celery clients and real kodewar workers, each a process of its own, ended by its id."""

import json
import os
import select
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BINARY = ROOT / os.environ.get("KODEWAR_BIN", "build/kodewar")
VERSIONS = sorted(p.stem for p in (ROOT / "tests/celery/versions").glob("*.txt"))
NEWEST = VERSIONS[-1]


def python_of(version):
    return ROOT / "build/celery" / version / "bin/python"


def read_line(process, timeout=60):
    end = time.monotonic() + timeout
    line = b""
    while not line.endswith(b"\n"):
        ready, _, _ = select.select([process.stdout], [], [], max(0, end - time.monotonic()))
        part = os.read(process.stdout.fileno(), 1) if ready else b""
        assert part, f"no line in {timeout} s, but {line!r}"
        line += part
    return line.decode()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Redis:
    def __init__(self):
        self._dir = tempfile.TemporaryDirectory(prefix="kodewar-redis-")
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", self._dir.name],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        end = time.monotonic() + 20
        while self.cli("PING", check=False) != "PONG":
            assert time.monotonic() < end, "redis-server does not answer"
            time.sleep(0.02)

    def cli(self, *words, check=True):
        return subprocess.run(["redis-cli", "-p", str(self.port), *words], check=check, capture_output=True,
                              text=True, timeout=20).stdout.strip()

    def close(self):
        self.process.terminate()
        self.process.wait(20)
        self._dir.cleanup()


class Client:
    """A program that uses Celery, of a version."""

    def __init__(self, redis, version=NEWEST, protocol=2):
        self.process = subprocess.Popen([python_of(version), "tests/celery/driver.py", redis.url, str(protocol)],
                                        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __call__(self, expression, timeout=60):
        self.process.stdin.write(json.dumps(expression).encode() + b"\n")
        self.process.stdin.flush()
        answer = json.loads(read_line(self.process, timeout))
        assert "error" not in answer, answer["error"]
        return answer["value"]

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class Worker:
    """`kodewar worker --celery`, ready."""

    def __init__(self, redis, name, *options):
        self._dir = tempfile.TemporaryDirectory(prefix="kodewar-worker-")
        self.log = Path(self._dir.name) / "sandbox.log"
        Path(self._dir.name).chmod(0o755)
        self.name = name
        self.process = subprocess.Popen(
            [BINARY, "worker", "--celery", "--redis", redis.url, "--celery-node", name, "--lanes", "2",
             "--log-dir", self._dir.name, *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        while "broker and results are there" not in read_line(self.process):
            pass

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(40)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        if self.process.poll() is None:
            self.stop()
        self.process.stdout.close()
        self._dir.cleanup()


class CeleryWorker:
    """Celery's own, with a task of the same name that says who ran it."""

    SOURCE = '''
from celery import Celery
app = Celery("kodewar", broker="{url}", backend="{url}")
@app.task(name="core.tasks.run_code_task")
def run(code=None, language=None, test_cases=None, submission_id=None):
    return {{"status": "success", "output": "celery", "error": "", "test_results": []}}
'''

    def __init__(self, redis, version=NEWEST):
        self._dir = tempfile.TemporaryDirectory(prefix="kodewar-celery-")
        (Path(self._dir.name) / "theirs.py").write_text(self.SOURCE.format(url=redis.url))
        self.process = subprocess.Popen(
            [python_of(version), "-m", "celery", "-A", "theirs", "worker", "-Q", "code_execution", "-c", "1", "-P", "solo",
             "-n", "theirs@host", "-l", "ERROR"], cwd=self._dir.name, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._dir.cleanup()
