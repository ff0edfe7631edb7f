# SPDX-License-Identifier: Apache-2.0
"""go-judge as a contender: its own server, driven over HTTP on the loopback, kept-alive connections."""
import atexit
import http.client
import json
import os
import queue
import socket
import subprocess
import tempfile
import threading
import time

from measure import CORES, DIES_WITH_US, ENV, Absent, find, remove_cgroups, tree_cpu_usec, wait_until

CGROUP = "kodewar-bench-gojudge"
HEADERS = {"Content-Type": "application/json"}


class GoJudge:
    name = "go-judge"
    every = 1

    def __init__(self, program):
        path = find("go-judge")
        if not path:
            raise Absent("go-judge is not installed: tools/bench-peers go-judge")
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.directory = tempfile.TemporaryDirectory(prefix="kodewar-bench-gojudge-")
        self.process = subprocess.Popen(
            [*DIES_WITH_US, path, "-http-addr", f"127.0.0.1:{self.port}", "-parallelism", str(CORES), "-pre-fork",
             str(CORES), "-silent", "-cgroup-prefix", CGROUP, "-dir", self.directory.name],
            env=ENV, cwd=self.directory.name, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        atexit.register(self.close)  # also when a signal ends us
        self.body = self._body(program)
        self.answers = []
        try:
            wait_until(self._answers_at_all, 10, "go-judge")
            self.connection = self._connect()
            self._run(self.connection)
        except Absent:
            self.close()
            raise

    @staticmethod
    def _body(program):
        command = {"args": list(program.argv), "env": ["PATH=/usr/bin:/bin", "HOME=/w"],
                   "files": [{"content": program.stdin}, {"name": "stdout", "max": 1 << 20},
                             {"name": "stderr", "max": 1 << 20}],
                   "cpuLimit": 30 * 10**9, "clockLimit": 60 * 10**9, "memoryLimit": 512 << 20, "procLimit": 64}
        if program.language:
            command["copyIn"] = {program.argv[-1]: {"content": program.source()}}
        return json.dumps({"cmd": [command]}).encode()

    def _connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port)

    def _answers_at_all(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port)):
                return True
        except OSError:
            return self.process.poll() is not None

    def _run(self, connection):
        try:
            connection.request("POST", "/run", self.body, HEADERS)
            answer = connection.getresponse().read()
        except OSError as e:
            raise Absent(f"go-judge does not run here ({e})") from e
        if json.loads(answer)[0].get("status") != "Accepted":
            raise Absent(f"go-judge does not run here: {answer[:100]!r}")

    def turn(self, count=True):
        start = time.perf_counter_ns()
        self._run(self.connection)
        if count:
            self.answers.append(time.perf_counter_ns() - start)

    def burst(self, runs, slots):
        """Nanoseconds for RUNS, SLOTS at once."""
        todo, failed = queue.SimpleQueue(), []
        for _ in range(runs):
            todo.put(True)

        def work():
            connection = self._connect()
            try:
                while True:
                    todo.get_nowait()
                    self._run(connection)
            except queue.Empty:
                pass
            except Absent as e:
                failed.append(e)
            connection.close()

        threads = [threading.Thread(target=work) for _ in range(slots)]
        start = time.perf_counter_ns()
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        if failed:
            raise failed[0]
        return time.perf_counter_ns() - start

    def cpu_usec(self):
        """Per run, over a burst: server and everything it waited for."""
        runs = 50
        before = tree_cpu_usec(self.process.pid)
        self.burst(runs, 1)
        return (tree_cpu_usec(self.process.pid) - before) / runs

    def close(self):
        atexit.unregister(self.close)
        if getattr(self, "connection", None):
            self.connection.close()
        self.process.terminate()
        self.process.wait()
        remove_cgroups(CGROUP)
        if os.path.isdir(self.directory.name):
            self.directory.cleanup()
