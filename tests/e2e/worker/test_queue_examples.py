# SPDX-License-Identifier: Apache-2.0
"""docs/QUEUE.md: its examples for the shell and for Python do what they say, its users may do what they must, and no more."""
import os
import re
import subprocess
import sys

import redis

from farm import ROOT, Worker, farming, until

TEXT = (ROOT / "docs/QUEUE.md").read_text()


def example(language):
    return re.search(rf"```{language}\n(.*?)```", TEXT, re.S)[1]


def run(command, farm, **variables):
    done = subprocess.run(command, env={**os.environ, "KODEWAR_REDIS": farm.redis.url, **variables}, capture_output=True,
                          text=True, timeout=60, check=True)
    return done.stdout


def test_shell(busy):
    said = run(["sh", "-euc", example("sh").replace("redis-cli ", f"redis-cli -p {busy.redis.port} ")], busy)
    assert '"output":"42\\n"' in said.splitlines()[-1]


def test_python(busy):
    assert run([sys.executable, "-c", example("python")], busy) == "42\n\n"


def test_every_key_is_described(busy):
    busy.add("k", events="1")
    busy.result("k")
    busy.client.set("kodewar:cancel:k2", 1)
    until(lambda: busy.client.keys("kodewar:worker:*"))
    described = {re.sub("ID|NAME", "", k) for k in re.findall(r"`(kodewar:[a-z:]+(?:ID|NAME)?)`", TEXT)}
    for key in busy.client.keys("*"):
        name = ":".join(key.split(":")[:2])
        assert key in described or name + ":" in described or name in described, key


def test_users():
    rules = re.findall(r"^user (\w+) +(.*)$", TEXT, re.M)
    with farming() as farm:
        for name, rule in rules:
            farm.client.execute_command("ACL", "SETUSER", name, *rule.replace(">SECRET", ">pw").split())
        worker = Worker(f"redis://worker:pw@127.0.0.1:{farm.redis.port}/0", lease=1)
        farm.workers.append(worker)
        producer = redis.Redis(port=farm.redis.port, username="producer", password="pw", decode_responses=True)
        producer.xadd("kodewar:jobs", {"id": "u", "payload": '{"language":"python","code":"print(1)"}', "events": "1"})
        producer.blmove("kodewar:done:u", "kodewar:done:u", 20, "LEFT", "LEFT")
        assert '"output":"1\\n"' in producer.get("kodewar:result:u")
        until(lambda: farm.left() == 0)
        until(lambda: farm.client.keys("kodewar:worker:*"))
        denied = [e for e in farm.client.acl_log() if e["username"] == "worker"]
        assert denied == []
        for command in (("DEL", "kodewar:jobs"), ("XDEL", "kodewar:jobs", "1-1"), ("GET", "other"), ("CONFIG", "GET", "*")):
            try:
                producer.execute_command(*command)
                raise AssertionError(command)
            except redis.exceptions.NoPermissionError:
                pass
        worker.term()
        worker.end()
