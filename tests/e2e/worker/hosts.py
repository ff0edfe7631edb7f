# SPDX-License-Identifier: Apache-2.0
"""Network namespaces as hosts on a bridge in one more, so that nothing of the machine's own network is touched; and a
line that is slow, for which this kernel's netem may be missing: a proxy that holds back and breaks off."""
import contextlib
import ctypes
import os
import random
import socket
import subprocess
import threading
import time

import redis

from farm import Farm, Redis, Worker

NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


def shell(*words):
    subprocess.run(words, check=True, capture_output=True, timeout=20)


class Network:
    """Hosts by name, each with an address, a link to the switch, and nothing else."""

    def __init__(self, *names):
        self.prefix = f"kwn{os.getpid() % 100000}"
        self.names = names
        self.switch = self.prefix + "s"

    def space(self, name):
        return f"{self.prefix}-{name}"

    def address(self, name):
        return f"10.213.0.{self.names.index(name) + 1}"

    def __enter__(self):
        try:
            shell("ip", "netns", "add", self.switch)
            shell("ip", "-n", self.switch, "link", "add", "br0", "type", "bridge")
            shell("ip", "-n", self.switch, "link", "set", "br0", "up")
            for name in self.names:
                self._plug(name)
        except BaseException:
            self.__exit__()
            raise
        return self

    def _plug(self, name):
        space = self.space(name)
        shell("ip", "netns", "add", space)
        shell("ip", "-n", space, "link", "add", "eth0", "type", "veth", "peer", "name", name, "netns", self.switch)
        shell("ip", "-n", self.switch, "link", "set", name, "master", "br0", "up")
        shell("ip", "-n", space, "addr", "add", self.address(name) + "/24", "dev", "eth0")
        shell("ip", "-n", space, "link", "set", "eth0", "up")
        shell("ip", "-n", space, "link", "set", "lo", "up")

    def cut(self, name):
        """Its cable is out: nobody is told."""
        shell("ip", "-n", self.switch, "link", "set", name, "down")

    def heal(self, name):
        shell("ip", "-n", self.switch, "link", "set", name, "up")

    def on(self, name, command):
        return ["nsenter", f"--net=/run/netns/{self.space(name)}", *command]  # `ip netns exec` hides the cgroups

    def enter(self, name):
        """The calling thread's sockets are this host's from now on."""
        with open(f"/run/netns/{self.space(name)}") as f:
            if LIBC.setns(f.fileno(), NEWNET):
                raise OSError(ctypes.get_errno(), "setns")

    def __exit__(self, *_):
        for space in (*map(self.space, self.names), self.switch):
            subprocess.run(["ip", "netns", "del", space], capture_output=True, check=False, timeout=20)


class FarRedis(Redis):
    """Of a host of its own; whoever looks at it from outside does so by its socket."""

    def __init__(self, network, name, *options):
        self.network, self.name = network, name
        super().__init__("--bind", network.address(name), "--protected-mode", "no", *options)

    def launch(self, command):
        return self.network.on(self.name, [*command, "--unixsocket", f"{self.home.name}/s", "--unixsocketperm", "777"])

    def connect(self):
        return redis.Redis(unix_socket_path=f"{self.home.name}/s", decode_responses=True, socket_timeout=20)

    @property
    def url(self):
        return f"unix://{self.home.name}/s"

    @property
    def far_url(self):
        return f"redis://{self.network.address(self.name)}:{self.port}/0"


class FarWorker(Worker):
    def __init__(self, network, name, *arguments, **named):
        self.network, self.name = network, name
        super().__init__(*arguments, **named)

    def launch(self, command):
        return self.network.on(self.name, command)


class FarFarm(Farm):
    """The queue on the host "redis"; workers where one says."""

    def serve(self, network, *options):
        self.network = network
        return FarRedis(network, "redis", *options)

    def far_worker(self, name, *options, **named):
        self.workers.append(FarWorker(self.network, name, self.redis.far_url, *options, **named))
        return self.workers[-1]


class Line:
    """A slow line to a server: what goes in comes out after a while, now and then after a longer one, as where packets are
    lost, and some of it never, since the connection breaks."""

    def __init__(self, port, delay, stall, breaks, seed):
        self.target, self.delay, self.stall, self.breaks = port, delay, stall, breaks
        self.dice = random.Random(seed)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.broken = self.carried = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
                for a, b in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(a, b), daemon=True).start()

    def _carry(self, source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self.carried += 1
                time.sleep(self.delay * self.dice.uniform(0.5, 1.5) + (self.stall if self.dice.random() < 0.02 else 0))
                if self.dice.random() < self.breaks:
                    self.broken += 1
                    break
                sink.sendall(data)
        for s in (source, sink):
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
