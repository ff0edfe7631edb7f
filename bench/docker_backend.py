#!/usr/bin/python3.11
# SPDX-License-Identifier: Apache-2.0
"""The Docker backend beside plain `docker run`, turn by turn in one run.

    bench/docker_backend.py [--turns N] [--host URL] [--image NAME]

Two promises, both ratios of medians: a Python hello from the warm pool takes at most 0.35 of `docker run` of the same in
the same image; and under load without pause the pool is no slower than containers that are made when their order comes
(those have a memory limit that no waiting one was made with). Ends with 1 where one of them does not hold.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ENV = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
HELLO = {"code": "print('hello')", "language": "python"}
POOL_PROMISE = 0.35
LOAD_PROMISE = 1.15  # "never slower", with room for the noise of a median
REFILL_SEC = 0.3  # beside the turn of docker run: time for the pool to be full again


class Backend:
    def __init__(self, host, image):
        self.process = subprocess.Popen(
            [f"{ROOT}/build/kodewar", "bench", "--requests", "--runner=cold", "--lanes=1", "--backend=docker",
             f"--docker-host={host}", f"--docker-image={image}"], env=ENV, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, **limits):
        """Seconds from order to result."""
        self.process.stdin.write(json.dumps({**HELLO, "limits": limits} if limits else HELLO).encode() + b"\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        result = json.loads(line) if line else {"output": None}
        if result["output"] != "hello\n":
            sys.exit(f"no hello: {result}")
        return result["nsec"] / 1e9

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def docker_run(host, image):
    before = time.monotonic()
    done = subprocess.run(["/usr/bin/docker", "-H", host, "run", "--rm", "--network=none", "--entrypoint=/usr/bin/python3.11",
                           image, "-c", HELLO["code"]], env=ENV, capture_output=True, check=False)
    if done.stdout != b"hello\n":
        sys.exit(f"docker run: {done}")
    return time.monotonic() - before


def beside(backend, host, image, turns):
    pooled, plain = [], []
    for _ in range(turns):
        plain.append(docker_run(host, image))
        time.sleep(REFILL_SEC)
        pooled.append(backend.ask())
    return statistics.median(pooled), statistics.median(plain)


def under_load(backend, turns):
    """In turn as well, a burst of each kind at a time."""
    pooled, made = [], []
    for n in range(turns):
        pooled += [backend.ask() for _ in range(4)]
        made += [backend.ask(memory_kb=500000 + n * 4 + i) for i in range(4)]
    return statistics.median(pooled), statistics.median(made)


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    p.add_argument("--turns", type=int, default=21)
    p.add_argument("--host", default=os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock"))
    p.add_argument("--image", default="kodewar-sandbox")
    args = p.parse_args()
    backend = Backend(args.host, args.image)
    backend.ask()
    pooled, plain = beside(backend, args.host, args.image, args.turns)
    loaded, made = under_load(backend, max(3, args.turns // 3))
    backend.close()
    rows = [("hello from the pool / docker run", pooled, plain, POOL_PROMISE),
            ("pool under load / made at the order", loaded, made, LOAD_PROMISE)]
    for name, ours, theirs, promise in rows:
        print(f"{name}: {ours * 1000:.1f} ms / {theirs * 1000:.1f} ms = {ours / theirs:.3f}, at most {promise}")
    return any(ours / theirs > promise for _, ours, theirs, promise in rows)


if __name__ == "__main__":
    sys.exit(main())
