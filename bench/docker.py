# SPDX-License-Identifier: Apache-2.0
"""A Docker Engine for `docker run`: one that answers at DOCKER_HOST, or one of our own that leaves nothing behind.

Our own has its data, sockets and runtime state in one temporary directory, no bridge and no firewall rules
(containers run with --network=none), and its control groups under a name of ours.
"""
import os
import shutil
import subprocess
import tempfile

from measure import DIES_WITH_US, ENV, PEERS, Absent, find, remove_cgroups, wait_until

IMAGE = "debian:bookworm-slim"
CGROUP = "kodewar-bench-docker"


def client(host, *words, **options):
    return subprocess.run([find("docker"), *(["-H", host] if host else []), *words], env=ENV, capture_output=True,
                          text=True, **options)


class Engine:
    """with Engine(own) as e: e.host is where it answers; raises Absent where it does not."""

    def __init__(self, own):
        self.own = own
        self.host = os.environ.get("DOCKER_HOST", "")
        self.process = self.directory = None

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
        image = os.path.join(PEERS, "bookworm.tar")
        if not find("dockerd") or not os.path.exists(image):
            raise Absent("needs Debian's docker.io and the image that tools/bench-peers docker makes")
        self.directory = d = tempfile.mkdtemp(prefix="kodewar-bench-docker-")
        self.host = f"unix://{d}/sock"
        with open(os.path.join(d, "log"), "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [*DIES_WITH_US, find("dockerd"), "--data-root", d + "/data", "--exec-root", d + "/exec",
                 "--pidfile", d + "/pid", "-H", self.host, "--bridge=none", "--iptables=false",
                 "--ip-forward=false", "--ip-masq=false", "--cgroup-parent=/" + CGROUP],
                env=ENV, stdout=log, stderr=log, start_new_session=True)
        wait_until(lambda: self.process.poll() is not None or client(self.host, "version").returncode == 0, 60,
                   "dockerd")
        done = client(self.host, "import", image, IMAGE)
        if done.returncode != 0:
            raise Absent(f"dockerd: {done.stderr.strip()[-100:]}")

    def _stop(self):
        if self.process:
            for container in client(self.host, "ps", "-aq").stdout.split():
                client(self.host, "rm", "-f", container)
            self.process.terminate()
            self.process.wait()
            self.process = None
            remove_cgroups(CGROUP)
        if self.directory:
            shutil.rmtree(self.directory, ignore_errors=True)
            self.directory = None
            for empty in ("/run/docker/plugins", "/run/docker"):
                try:
                    os.rmdir(empty)
                except OSError:
                    pass
