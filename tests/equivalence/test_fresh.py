# SPDX-License-Identifier: Apache-2.0
"""What must be another one in each run, although all of them were forked from one interpreter."""
import json
import os
import subprocess

import pytest

import boxes

RUNS = 25
PROGRAM = """\
import random, secrets, os, uuid, tempfile, time, hashlib
print(random.random())
print(random.getrandbits(64))
print(random.SystemRandom().random())
print(secrets.token_hex())
print(os.urandom(8).hex())
print(uuid.uuid4())
print(next(tempfile._get_candidate_names()))
print(random.Random().random())
"""
NAMES = ("random.random", "getrandbits", "SystemRandom", "secrets", "urandom", "uuid4", "tempfile", "random.Random")


@pytest.mark.parametrize("runner", ["warm", "pooled"])
def test_randomness_is_never_repeated(runner):
    if os.geteuid() != 0:
        pytest.skip("boxes need root")
    b = boxes.Boxes(runner)
    try:
        rows = []
        for _ in range(RUNS):
            b.send(boxes.request_of("python", PROGRAM, {}))
            rows.append(b.receive().stdout.decode().split("\n")[:-1])
    finally:
        b.close()
    for i, name in enumerate(NAMES):
        assert len({row[i] for row in rows}) == RUNS, name


@pytest.mark.parametrize("runner", ["warm", "pooled"])
def test_a_broken_interpreter_is_its_own(runner):
    """What a program does to modules, builtins and the interpreter is gone in the next."""
    breaks = ("import builtins, sys, os, json, random\nbuiltins.print = None\nsys.modules.clear()\nos.getcwd = json.dumps = 5\n"
              "random.seed(1)\nsys.setrecursionlimit(50)\nos.environ['LEFT'] = '1'\nsys.path.append('/left')\n"
              "import gc; gc.disable()\nimport ctypes\nctypes.memset(id(1) + 24, 9, 1)\n")
    looks = ("import sys, os, json, random, gc\nprint(len(sys.modules) > 30, os.getcwd(), json.dumps([1]), sys.getrecursionlimit(), "
             "'LEFT' in os.environ, '/left' in sys.path, gc.isenabled(), 1 + 0)\n")
    b = boxes.Boxes(runner)
    try:
        for _ in range(5):
            for code in (breaks, looks):
                b.send(boxes.request_of("python", code, {}))
                got = b.receive()
            assert got.stdout == b"True /box [1] 1000 False False True 1\n", got.stderr
    finally:
        b.close()


def test_fresh_request_is_cold():
    request = {"code": "print(1)", "language": "python", "fresh": True}
    run = subprocess.run([boxes.KODEWAR, "run", "--runner", "warm", "-"], input=json.dumps(request).encode(),
                         capture_output=True, cwd=boxes.ROOT, env=boxes.CLEAN, check=True)
    assert json.loads(run.stdout)["runner"] == "cold"
