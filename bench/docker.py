# SPDX-License-Identifier: Apache-2.0
"""A Docker Engine for `docker run`: one that answers at DOCKER_HOST, or one that tools/test-engine brings up for us.
"""
import os
import subprocess

from measure import ENV, TOP, Absent, find

IMAGE = "debian:bookworm-slim"
TEST_ENGINE = os.path.join(TOP, "tools", "test-engine")


def client(host, *words, **options):
    return subprocess.run([find("docker"), *(["-H", host] if host else []), *words], env=ENV, capture_output=True,
                          text=True, **options)


class Engine:
    """with Engine(own) as e: e.host is where it answers; raises Absent where it does not."""

    def __init__(self, own):
        self.own = own
        self.host = os.environ.get("DOCKER_HOST", "")
        self.process = None

    def __enter__(self):
        if not find("docker"):
            raise Absent("no docker client")
        try:
            if self.own:
                self._start()
            if client(self.host, "version").returncode != 0:
                raise Absent("no engine answers; bench/run --docker starts one")
            if client(self.host, "image", "inspect", IMAGE).returncode != 0:
                raise Absent(f"the engine has no image {IMAGE}")
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_):
        self._stop()

    def version(self):
        return client(self.host, "version", "--format", "{{.Server.Version}}").stdout.strip()

    def _start(self):
        # It ends when its stdin does: however this script ends.
        self.process = subprocess.Popen([TEST_ENGINE, "hold", "--no-network"], env=ENV, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        word, _, self.host = self.process.stdout.readline().strip().partition("=")
        if word != "DOCKER_HOST":
            raise Absent(self.process.stderr.read().strip()[-200:])
        done = subprocess.run([TEST_ENGINE, "base"], env=ENV, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Absent(done.stderr.strip()[-200:])

    def _stop(self):
        if self.process:
            self.process.communicate()
            self.process = None
