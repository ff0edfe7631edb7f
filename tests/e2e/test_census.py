# SPDX-License-Identifier: Apache-2.0
"""The leak census: 2,000 boxes, some of them killed from inside and from outside, leave nothing behind.

Counts are taken on the host and compared when everything had the time to settle.  Whatever a killed
kodewar leaves alive becomes a child of this process, so that other runs on the same host do not
disturb the counts.  The long-lived part is one process that judges 1,000 cases: its descriptors and
its memory are watched while it does.
"""
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

import pytest

from quiet import settles, steady

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/hostile"))

import host  # noqa: E402

PROGRAM = str(ROOT / os.environ.get("KODEWAR_BIN", "build/kodewar"))
ENV = {"PATH": "/usr/bin:/bin"}
SEED = int(os.environ.get("CENSUS_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 31)
BOXES = 2000

# Every third case ends as it should; the others are ended, each by another limit, or end themselves.
CODE = r"""
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
	static char block[1 << 16];
	int what = getchar();

	switch (what) {
	case 'k':
		raise(SIGKILL);
	case 'm':
		for (;;)
			memset(malloc(1 << 20), 1, 1 << 20);
	case 'o':
		for (;;)
			write(1, block, sizeof(block));
	case 'w':
		pause();
	case 'c':
		for (;;)
			__asm__ volatile("" ::: "memory");
	case 'd':
		if (fork() == 0) {
			setsid();
			for (;;)
				pause();
		}
		break;
	case 'f':
		for (int i = 0; i < 100; i++)
			if (fork() == 0)
				pause();
		return 1;
	case 's':
		for (int i = 0; i < 200; i++)
			syscall(165, 0, 0, 0, 0, 0); /* mount */
		break;
	}
	printf("%c\n", what);
}
"""
VERDICTS = {"p": "accepted", "d": "accepted", "k": "runtime_error", "m": "memory_limit", "o": "output_limit", "w": "time_limit",
            "c": "time_limit", "f": "process_limit", "s": "security_violation"}
LIMITS = {"cpu_ms": 30, "wall_ms": 60, "memory_kb": 8192, "output_bytes": 65536, "processes": 8, "total_wall_ms": 100000}
HONEST = {**LIMITS, "cpu_ms": 1000, "wall_ms": 10000}


def request_of(kinds):
    # Forks that are refused weigh on the memory for a while: those get enough.
    more = {"cpu_ms": 1000, "wall_ms": 10000}
    own = {"w": {}, "c": {}, "f": {**more, "memory_kb": 65536}}
    cases = [{"input": k, "expected": k, "limits": own.get(k, more)} for k in kinds]
    return json.dumps({"code": CODE, "language": "c", "test_cases": cases, "limits": LIMITS}).encode()


def start(stdout=subprocess.PIPE):
    return subprocess.Popen([PROGRAM, "run", "-"], stdin=subprocess.PIPE, stdout=stdout, stderr=subprocess.PIPE,
                            cwd=ROOT, env=ENV)


def kinds_of(rng, n):
    return [rng.choice("ppppppppddkmowcfs") for _ in range(n)]


@pytest.fixture(scope="module", autouse=True)
def apart(as_root):
    host.stand_apart()


def namespaces():
    """Namespaces of this process and of all below it."""
    found = set()
    for pid in [str(os.getpid())] + [d.split(" ", 1)[0] for d in host.descendants()]:
        for kind in ("user", "mnt", "net", "pid", "ipc", "uts", "cgroup"):
            try:
                found.add(os.readlink(f"/proc/{pid}/ns/{kind}"))
            except OSError:
                pass
    return found


def rss_kb(pid):
    with open(f"/proc/{pid}/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))


def judge(kinds):
    p = start()
    out, err = p.communicate(request_of(kinds), timeout=100)
    assert p.returncode == 0, err.decode()[-500:]
    cases = json.loads(out)["test_results"]
    assert len(cases) == len(kinds)
    wrong = [(k, c["verdict"]) for k, c in zip(kinds, cases) if c["verdict"] != VERDICTS[k]]
    assert not wrong, wrong


def kill_in_the_middle(rng, kinds):
    """SIGKILL to one of the processes of kodewar itself, at any moment of its life."""
    p = start()
    p.stdin.write(request_of(kinds))
    p.stdin.close()
    p.stdin = None
    try:
        p.wait(timeout=rng.uniform(0.01, 0.6))
    except subprocess.TimeoutExpired:
        victims = [p.pid] + [int(d.split(" ", 1)[0]) for d in host.descendants() if "kodewar" in d]
        try:
            os.kill(p.pid if rng.random() < 0.5 else rng.choice(victims), signal.SIGKILL)
        except ProcessLookupError:
            pass
    p.communicate(timeout=100)


def test_two_thousand_boxes():
    rng = random.Random(SEED)
    print("CENSUS_SEED =", SEED)
    judge(["p"])  # what is made once and stays, such as lock files, is made now
    before, spaces = host.Census(), steady(namespaces)
    boxes = 0
    while boxes < BOXES - 1000:
        kinds = kinds_of(rng, 50)
        judge(kinds)
        boxes += len(kinds)
    for _ in range(30):
        kill_in_the_middle(rng, kinds_of(rng, 40))
    wrong = before.faults()
    assert not wrong, f"seed {SEED}: " + "\n".join(wrong)
    assert settles(namespaces, lambda now: now == spaces) == spaces
    judge(["p", "k", "p"])


def test_one_process_that_judges_a_thousand(tmp_path):
    judge(["p"])
    before = host.Census()
    answer = tmp_path / "result.json"  # a file: nobody reads a pipe while samples are taken
    with open(answer, "wb") as f:
        p = start(stdout=f)
    p.stdin.write(json.dumps({"code": CODE, "language": "c", "limits": HONEST,
                              "test_cases": [{"input": "p", "expected": "p"}] * 1000}).encode())
    p.stdin.close()
    p.stdin = None
    seen = {}
    while p.poll() is None:
        for pid in [p.pid] + [int(d.split(" ", 1)[0]) for d in host.descendants() if "(kodewar-warden)" in d]:
            try:
                seen.setdefault(pid, []).append((len(os.listdir(f"/proc/{pid}/fd")), rss_kb(pid)))
            except (OSError, StopIteration):  # it ended meanwhile
                pass
        time.sleep(0.005)  # a sample now and then; nothing waits for it
    err = p.stderr.read()
    p.stderr.close()
    result = json.loads(answer.read_bytes())
    assert [c["verdict"] for c in result["test_results"]] == ["accepted"] * 1000, err.decode()[-300:]
    # a child of the warden bears its name until its exec
    seen = {pid: rows for pid, rows in seen.items() if len(rows) > 20}
    assert len(seen) == 2
    for pid, rows in seen.items():
        early, late = rows[len(rows) // 3:len(rows) // 2], rows[-len(rows) // 3:]
        assert len(early) > 3, "too few samples"
        # Boxes in the making hold a handful each, at one moment or another; a leak is one for each of hundreds.
        assert max(r[0] for r in late) <= max(r[0] for r in early) + 16, f"descriptors of {pid} grow"
        if pid != p.pid:  # the gate keeps results, the warden keeps nothing
            assert max(r[1] for r in late) <= max(r[1] for r in early) + 256, f"memory of {pid} grows"
    wrong = before.faults()
    assert not wrong, "\n".join(wrong)
