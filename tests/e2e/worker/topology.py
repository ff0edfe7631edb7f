# SPDX-License-Identifier: Apache-2.0
"""Real Redis servers that belong together: a primary, its replica and three Sentinels; a Cluster of three nodes."""
import random
import socket
import subprocess

import redis
from redis.sentinel import Sentinel

from farm import Farm, Redis, free_port, until

PRIMARY = "the-primary"
TRIES = 20


class Watcher:
    """A Sentinel: it keeps what it knows in its file, and is one of three who agree."""

    def __init__(self, home, primary_port, *lines):
        self.port = free_port()
        self.path = f"{home}/sentinel-{self.port}.conf"
        self.process = None
        with open(self.path, "w") as f:
            f.write("\n".join([f"port {self.port}", "bind 127.0.0.1", f"dir {home}", f"sentinel monitor {PRIMARY} 127.0.0.1 {primary_port} 2",
                               f"sentinel down-after-milliseconds {PRIMARY} 600", f"sentinel failover-timeout {PRIMARY} 3000", *(x.format(port=self.port) for x in lines), ""]))
        self.start()

    def start(self):
        self.process = subprocess.Popen(["redis-server", self.path, "--sentinel"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self):
        self.process.kill()
        self.process.wait(20)


class Watched:
    """A primary with two replicas, so that one is left after a failover, and three Sentinels who watch them."""

    def __init__(self, *options):
        options = ("--repl-diskless-sync-delay", "0", *options)
        self.servers = [Redis(*options)]
        for _ in range(2):
            self.servers.append(Redis(*options, "--replicaof", "127.0.0.1", str(self.servers[0].port)))
        self.home = self.servers[0].home
        self.watchers = [Watcher(self.home.name, self.servers[0].port) for _ in range(3)]
        self.finder = Sentinel([("127.0.0.1", w.port) for w in self.watchers], socket_timeout=2)
        until(self.agreed)

    def agreed(self):
        """All know each other and the replicas: from now on one may fail."""
        for w in self.watchers:
            try:
                state = redis.Redis(port=w.port, decode_responses=True).sentinel_master(PRIMARY)
            except redis.RedisError:
                return False
            if state["num-other-sentinels"] < 2 or state["num-slaves"] < 2 or state["flags"] != "master":
                return False
        seen = self.client.info("replication")
        return all(seen.get(f"slave{i}", {}).get("state") == "online" for i in range(2))

    @property
    def primary(self):
        """Whom the Sentinels name."""
        port = self.finder.discover_master(PRIMARY)[1]
        return next(s for s in self.servers if s.port == port)

    @property
    def client(self):
        return self.primary.client

    @property
    def others(self):
        """How many live beside the primary."""
        return sum(s.process.poll() is None for s in self.servers) - 1

    @property
    def nodes(self):
        return ",".join(f"127.0.0.1:{w.port}" for w in self.watchers)

    @property
    def url(self):
        return f"redis+sentinel://{self.nodes}/{PRIMARY}"

    def moved_from(self, port):
        """Until the Sentinels name another primary; one that stands still on a starved machine is not deposed from then on."""
        def moved():
            try:
                return self.primary.port != port and self.primary.client.role()[0] == "master"
            except redis.RedisError:
                return False
        until(moved, 60)
        for w in self.watchers:
            redis.Redis(port=w.port).sentinel_set(PRIMARY, "down-after-milliseconds", 60000)

    def close(self):
        for w in self.watchers:
            w.stop()
        for s in self.servers[::-1]:
            s.close()


class WatchedFarm(Farm):
    def serve(self, *options):
        return Watched(*options)


def cluster_port():
    """A port whose bus, 10000 above, is free as well."""
    for _ in range(TRIES):
        port = random.randrange(20000, 30000)
        with socket.socket() as a, socket.socket() as b:
            try:
                a.bind(("127.0.0.1", port))
                b.bind(("127.0.0.1", port + 10000))
                return port
            except OSError:
                continue
    raise OSError("no free ports for a Cluster")


class Node(Redis):
    """Of a Cluster."""

    def __init__(self):
        self.wanted = cluster_port()
        super().__init__("--cluster-enabled", "yes", "--cluster-node-timeout", "1500", "--cluster-require-full-coverage", "no",
                         "--repl-diskless-sync-delay", "0")

    def start(self, *more):
        self.port = self.wanted
        super().start(*more)

    @property
    def id(self):
        return self.client.execute_command("CLUSTER MYID")


class Cluster:
    def __init__(self, replicas=0):
        self.nodes = [Node() for _ in range(3 * (1 + replicas))]
        hosts = [f"127.0.0.1:{n.port}" for n in self.nodes]
        subprocess.run(["redis-cli", "--cluster", "create", *hosts, "--cluster-replicas", str(replicas), "--cluster-yes"],
                       check=True, capture_output=True, timeout=60)
        until(lambda: all(n.client.execute_command("CLUSTER INFO")["cluster_state"] == "ok" for n in self.nodes))
        self.client = redis.RedisCluster(host="127.0.0.1", port=self.nodes[0].port, decode_responses=True, socket_timeout=20)

    @property
    def url(self):
        return "redis+cluster://" + ",".join(f"127.0.0.1:{n.port}" for n in self.nodes[:3])

    def owner(self, key):
        """The node that serves it, by the account of one that lives."""
        slot = self.client.keyslot(key)
        for node in self.nodes:
            if node.process.poll() is not None:
                continue
            for low, high, owner, *_ in node.client.execute_command("CLUSTER SLOTS"):
                if low <= slot <= high:
                    return next(n for n in self.nodes if n.port == owner[1])
        raise AssertionError(f"nobody owns {slot}")

    def close(self):
        self.client.close()
        for n in self.nodes:
            n.close()


class ClusterFarm(Farm):
    queue = "{kodewar}"

    def serve(self, replicas=0):
        return Cluster(replicas)
