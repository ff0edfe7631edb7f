# SPDX-License-Identifier: Apache-2.0
"""A Redis server of the bench's own, and as much of a client as is needed: the bench runs on Debian's bare Python."""
import shutil
import socket
import subprocess
import tempfile
import time

from measure import ENV, TICK, Absent


class RedisError(Exception):
    """An answer that begins with a minus."""


def pack(*words):
    """A command as bytes."""
    words = [w if isinstance(w, bytes) else str(w).encode() for w in words]
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")

    def read(self):
        line = self.file.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RedisError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self.file.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return None if rest == b"-1" else [self.read() for _ in range(int(rest))]
        if not line:
            raise RedisError("closed")
        return rest

    def __call__(self, *words):
        self.socket.sendall(pack(*words))
        return self.read()

    def many(self, packed):
        """Answers to commands that were packed before."""
        self.socket.sendall(b"".join(packed))
        return [self.read() for _ in packed]

    def info(self, section):
        lines = self("INFO", section).decode().splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)

    def close(self):
        self.file.close()
        self.socket.close()


class Server:
    """redis-server without persistence, on a port of the loopback; its words, and a client for ours."""

    def __init__(self):
        path = shutil.which("redis-server", path=ENV["PATH"])
        if not path:
            raise Absent("redis-server is not installed")
        self.home = tempfile.TemporaryDirectory(prefix="kodewar-bench-redis-")
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process = subprocess.Popen([path, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", self.home.name],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=ENV)
        try:
            self.client = self._await(20)
        except BaseException:
            self.process.kill()
            self.process.wait()
            self.home.cleanup()
            raise

    def _await(self, seconds):
        end = time.monotonic() + seconds
        while True:
            try:
                return Client(self.port)
            except OSError as e:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise Absent(f"redis-server does not answer: {e}") from None
                time.sleep(.02)

    def cpu_sec(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as f:
            return sum(int(n) for n in f.read().rpartition(")")[2].split()[11:13]) / TICK

    def calls(self):
        """Command -> how often it was called so far."""
        return {name.removeprefix("cmdstat_"): int(words.split(",")[0].removeprefix("calls="))
                for name, words in self.client.info("commandstats").items()}

    def used_bytes(self):
        return int(self.client.info("memory")["used_memory"])

    def benchmark(self, *words):
        """Requests a second by redis-benchmark: the same server, asked as simply as can be."""
        path = shutil.which("redis-benchmark", path=ENV["PATH"])
        if not path:
            return None
        done = subprocess.run([path, "-p", str(self.port), "--csv", *words], env=ENV, capture_output=True, text=True, timeout=120, check=True)
        return float(done.stdout.strip().splitlines()[-1].split(",")[1].strip('"'))

    def close(self):
        self.client.close()
        self.process.terminate()
        self.process.wait()
        self.home.cleanup()
