# SPDX-License-Identifier: Apache-2.0
"""Native boxes inside a container beside native boxes outside of it, turn by turn in one run.

    tools/test-engine start && tools/test-engine base && make image
    env "$(tools/test-engine status)" bench/run --inside

Both judge the same Python hello, cold, by `kodewar bench --requests` with one lane; inside, it is `docker run` with the
flags of README.md, of the image that `make image` made.
"""
import json
import os
import re
import subprocess
import time

from measure import ENV, TOP, Absent, median, quantile

HELLO = json.dumps({"code": "print('hello')", "language": "python"}).encode() + b"\n"
WORDS = ["bench", "--requests", "--runner=cold", "--lanes=1"]
IMAGE = "kodewar-sandbox"
WARM_UP = 10
REST_SEC = .01  # the next box is made after an answer, ahead of its order: not beside the other one's turn


def readme_flags():
    """What the README's command has between `docker run --rm -i` and the image."""
    with open(f"{TOP}/README.md", encoding="utf-8") as f:
        command = re.search(r"\ndocker run --rm -i (.*?)kodewar-sandbox", f.read(), re.S)[1]
    return command.replace("\\\n", " ").split()


class Side:
    def __init__(self, name, command):
        self.name, self.nsec = name, []
        self.process = subprocess.Popen(command, env=ENV, cwd=TOP, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)

    def ask(self):
        """Nanoseconds from order to result, by the clock of the one who judges: no pipe of docker's is in it."""
        self.process.stdin.write(HELLO)
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        result = json.loads(line) if line else {"output": None}
        if result["output"] != "hello\n":
            raise Absent(f"{self.name} a container: no hello: {result}")
        time.sleep(REST_SEC)
        return result["nsec"]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def measure(kodewar, host, turns, image=IMAGE):
    """Both, in turn."""
    docker = ["/usr/bin/docker", *(["-H", host] if host else []), "run", "--rm", "-i", *readme_flags(), image]
    sides = [Side("outside", [kodewar, *WORDS]), Side("inside", [*docker, *WORDS, "--log-dir=-"])]
    load = os.getloadavg()[0]
    for turn in range(-WARM_UP, turns):
        for side in sides if turn % 2 else sides[::-1]:
            nsec = side.ask()
            if turn >= 0:
                side.nsec.append(nsec)
    found = {side.name: {"p10_ms": quantile(side.nsec, .1) / 1e6, "p50_ms": median(side.nsec) / 1e6,
                         "p90_ms": quantile(side.nsec, .9) / 1e6} for side in sides}
    for side in sides:
        side.close()
    ratio = found["inside"]["p50_ms"] / found["outside"]["p50_ms"]
    return {**found, "ratio": ratio, "turns": turns, "load": f"{load:.1f}"}
