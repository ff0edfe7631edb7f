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


COUNT = """\
import gc
print(*gc.get_count())
"""
NEARLY = 8  # objects: what is taken from the free lists, and from a count of 0, is not counted


@pytest.mark.parametrize("runner", ["warm", "pooled"])
def test_garbage_is_first_collected_where_a_fresh_interpreter_does(runner):
    if os.geteuid() != 0:
        pytest.skip("boxes need root")
    counts = {}
    for name in ("cold", runner):
        b = boxes.Boxes(name)
        try:
            b.send(boxes.request_of("python", COUNT, {}))
            counts[name] = [int(x) for x in b.receive().stdout.split()]
        finally:
            b.close()
    assert counts[runner][1:] == counts["cold"][1:]
    assert abs(counts[runner][0] - counts["cold"][0]) <= NEARLY, counts


NUMPY = """\
import sys
print("numpy" in sys.modules)
import numpy
print(numpy.random.random())
print(numpy.random.default_rng().random())
print(numpy.random.randint(2**62))
print(numpy.arange(10).reshape(2, 5).sum(axis=0), numpy.linalg.norm(numpy.ones(4)))
"""


@pytest.fixture(name="numpy_languages")
def fixture_numpy_languages(tmp_path):
    """A deployment that has numpy loaded ahead."""
    for file in (boxes.ROOT / "languages").glob("*.yaml"):
        text = file.read_text()
        if file.name == "python.yaml":
            assert text.count("\npreload:\n") == 1
            text = text.replace("\npreload:\n", "\npreload:\n  - numpy\n")
        (tmp_path / file.name).write_text(text)
    return tmp_path


@pytest.mark.parametrize("runner", ["warm", "pooled"])
def test_numpy_that_is_loaded_ahead_is_fresh(runner, numpy_languages):
    if os.geteuid() != 0:
        pytest.skip("boxes need root")
    b = boxes.Boxes(runner, "--languages-dir", numpy_languages)
    try:
        rows, hows = [], set()
        for _ in range(10):
            b.send(boxes.request_of("python", NUMPY, {}))
            got = b.receive()
            assert got.end == 0, got.stderr
            rows.append(got.stdout.decode().split("\n")[:-1])
            hows.add(got.how)
    finally:
        b.close()
    assert "cold" not in hows
    assert {(row[0], row[4]) for row in rows} == {("False", "[ 5  7  9 11 13] 2.0")}
    for i in (1, 2, 3):
        assert len({row[i] for row in rows}) == len(rows), rows


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
