# SPDX-License-Identifier: Apache-2.0
"""What a compile step makes, however large: it arrives whole, its lane goes on, and nothing of it stays.

The language is one of this test: its compile step is a Python program that writes the artefact, its run
step tells the artefact's checksum.  All goes through one process with one lane.
"""
import glob
import hashlib
import json
import os
import random

import pytest

from command_line import descendants, start, stop
from quiet import settles

MIB = 1 << 20
LANGUAGE = """
name: blob
title: a file of random bytes
extensions: [.blob]
source: main.py
version: [/usr/bin/sha256sum, --version]
compile:
  argv: [/usr/bin/python3.11, main.py]
  artefact: main
  limits: {wall_ms: 30000, cpu_ms: 20000, processes: 4, memory_kb: 524288, disk_kb: 131072}
run: [/usr/bin/sha256sum, "{artefact}"]
runner: exec
"""
CODE = """import random
r = random.Random(%d)
with open("main", "wb") as f:
    for _ in range(%d):
        f.write(r.randbytes(1 << 20))
"""
LIMITS = {"cpu_ms": 10000, "wall_ms": 60000, "memory_kb": 524288, "file_kb": 65536, "disk_kb": 131072,
          "total_wall_ms": 100000}
NEXT = {"code": "int main(void)\n{\n\treturn 0;\n}\n", "language": "c", "limits": LIMITS}
LEFT_MAX = 4 * MIB  # of memory that was the artefact's; the smallest of those that are measured has 50


def submission(seed, mib, cases=3):
    r, digest = random.Random(seed), hashlib.sha256()
    for _ in range(mib):
        digest.update(r.randbytes(MIB))
    case = {"input": "", "expected": f"{digest.hexdigest()} /box/main"}
    return {"code": CODE % (seed, mib), "language": "blob", "limits": LIMITS, "compare": "tokens",
            "test_cases": [case] * cases}


class Service:
    def __init__(self, languages):
        self.process = start("bench", "--requests", "--runner", "cold", "--lanes", 1, "--in-flight", 2,
                             "--languages-dir", languages)

    def results(self, *requests):
        """In the order of the requests."""
        try:
            self.process.stdin.write(b"".join(json.dumps(request).encode() + b"\n" for request in requests))
            self.process.stdin.flush()
        except BrokenPipeError:
            pytest.fail(self.process.stderr.read().decode())
        lines = [self.process.stdout.readline() for _ in requests]
        assert all(lines), self.process.stderr.read()
        return sorted((json.loads(line) for line in lines), key=lambda result: result["line"])

    def processes(self):
        return [self.process.pid] + [pid for pid, _ in descendants(self.process.pid)]

    def resident(self):
        """Bytes of all our own processes: the gate, the warden, the launchers."""
        return sum(status_kb(pid, "VmRSS") for pid in self.processes()) * 1024

    def files_in_memory(self):
        """Sizes of memory files that somebody still holds."""
        return [os.stat(path).st_size for pid in self.processes() for path in glob.glob(f"/proc/{pid}/fd/*")
                if link_of(path).startswith("/memfd:")]

    def charged(self):
        """Bytes that are charged to our slot: the lanes' leaves and the control groups."""
        own = set(map(str, self.processes()))
        for procs in glob.glob("/sys/fs/cgroup/**/kodewar/*/*/cgroup.procs", recursive=True):
            try:
                with open(procs, encoding="ascii") as f:
                    inside = set(f.read().split())
            except OSError:  # a leaf of another's, which is gone
                continue
            if not own & inside:
                continue
            slot = os.path.dirname(os.path.dirname(procs))
            for name in ("memory.usage_in_bytes", "memory.current"):
                if os.path.exists(f"{slot}/{name}"):
                    with open(f"{slot}/{name}", encoding="ascii") as f:
                        return int(f.read())
        raise AssertionError("our slot has no memory controller")


def status_kb(pid, key):
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as f:
            return next((int(line.split()[1]) for line in f if line.startswith(key + ":")), 0)
    except OSError:  # it ended meanwhile
        return 0


def link_of(path):
    try:
        return os.readlink(path)
    except OSError:
        return ""


@pytest.fixture(name="service", scope="module")
def fixture_service(as_root, tmp_path_factory):
    languages = tmp_path_factory.mktemp("languages")
    (languages / "blob.yaml").write_text(LANGUAGE)
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    with open(f"{root}/languages/c.yaml", encoding="utf-8") as f:
        (languages / "c.yaml").write_text(f.read())
    service = Service(languages)
    yield service
    stop(service.process)


def assert_whole(result, cases=3):
    assert result["verdict"] == "accepted", result["error"]
    assert result["compile"]["exit_code"] == 0
    assert [case["verdict"] for case in result["test_results"]] == ["accepted"] * cases


@pytest.mark.parametrize("mib", [0, 1, 2, 50])
def test_it_arrives_whole_in_every_box(service, mib):
    assert_whole(service.results(submission(mib, mib))[0])


@pytest.mark.parametrize("mib", [2, 50])
def test_its_lane_goes_on(service, mib):
    """Who waits for the same lane gets it, and one whose artefact is as large comes after that."""
    large, small = service.results(submission(7, mib), NEXT)
    assert_whole(large)
    assert small["verdict"] == "accepted", small["error"]
    for result in service.results(submission(8, mib, 1), submission(9, mib, 1)):
        assert_whole(result, 1)


def test_nothing_of_it_stays(service):
    assert_whole(service.results(submission(1, 1))[0])
    resident, charged = service.resident(), service.charged()
    for seed in (21, 22):
        assert_whole(service.results(submission(seed, 50, 2))[0], 2)
    assert settles(service.charged, lambda n: n < charged + LEFT_MAX) < charged + LEFT_MAX
    assert settles(service.resident, lambda n: n < resident + LEFT_MAX) < resident + LEFT_MAX
    assert settles(lambda: sum(service.files_in_memory()), lambda n: n < LEFT_MAX) < LEFT_MAX


def test_one_that_is_too_large_is_a_compile_error(service):
    """Of the disk's limit, not of ours; and the lane goes on."""
    late, small = service.results(submission(3, 200), NEXT)
    assert late["verdict"] in ("disk_limit", "compile_error"), late["error"]
    assert [case["verdict"] for case in late["test_results"]] == ["skipped"] * 3
    assert small["verdict"] == "accepted", small["error"]
