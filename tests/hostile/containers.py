# SPDX-License-Identifier: Apache-2.0
"""The attacks on an engine's containers (--backend docker): all but those on a warm runner, which is not there.

They come through one process, whose pool is attacked as well.

What is right for a box of our own is right there, but for docker_differences.txt. An attack on that list must show just
the difference that its line tells, and one that no longer differs is a failure: the list is no longer than it has to be.
"""
import json
import re

import attack
import runs

DIFFERENCES = attack.HERE / "docker_differences.txt"
HONEST_EVERY = 2  # an honest program costs two containers
CASES_MAX = 40  # a container each; more are a matter of the queue before them
WALL_MS = 5000  # an interpreter starts cold there, on a machine that makes containers meanwhile


class Difference:
    """One line: what the verdict is, and what every line of output, error's last line after it, must be in full."""

    def __init__(self, line):
        self.name, self.verdict, pattern = (re.split(" +", line, maxsplit=2) + [""])[:3]
        self.pattern = re.compile(pattern)

    def faults(self, run):
        r = run.result
        if r is None:
            return [f"no result: {run.stderr[-500:]!r}"]
        lines = [line for line in r["output"].splitlines() if line] + r["error"].splitlines()[-1:]
        wrong = [] if r["verdict"] == self.verdict else [f"verdict {r['verdict']}, its difference is {self.verdict}"]
        wrong += [] if not self.pattern.pattern or lines else ["nothing was printed that would show its difference"]
        return wrong + [f"not its difference: {line[:300]!r}" for line in lines if not self.pattern.fullmatch(line)]


def differences():
    return [Difference(line) for line in DIFFERENCES.read_text().splitlines() if line and line[0] not in "# "]


def attacks():
    """Every attack, and the difference that it is known for."""
    known = {d.name: d for d in differences()}
    chosen = [a for a in attack.load_all() if not a.name.startswith("warm/") and a.language in attack.EVERYWHERE.values()]
    unknown = set(known) - {a.name for a in chosen}
    assert not unknown, f"{DIFFERENCES.name}: {unknown}"
    for a in chosen:
        a.difference = known.get(a.name)
        if "refused" not in a.verdicts:
            a.cases = min(a.cases, CASES_MAX)
        if "time_limit" not in a.verdicts:
            a.limits["wall_ms"] = max(a.limits["wall_ms"], WALL_MS)
    return chosen


def faults(a, own, stolen_ms):
    """Of all runs of one attack."""
    as_native = [w for run in own for w in a.faults(run, stolen_ms)]
    if a.difference is None:
        return as_native
    wrong = [w for run in own for w in a.difference.faults(run)]
    return wrong if as_native else wrong + [f"no different from a box of our own: take it off {DIFFERENCES.name}"]


class Resident:
    """The process; asked one attack after the other."""

    def __init__(self, program):
        self.program, self.now, self.asked = program, None, 0

    def is_itself(self, kind, thing):
        """It is there before and after, running or asleep."""
        return kind == "process" and self.now is not None and thing.startswith(f"{self.now.process.pid} ")

    def of(self, env):
        if self.now is None or self.now.process.poll() is not None:
            self.now = runs.Resident(self.program, "cold", env, 2)
        return self.now

    def run(self, a, env, values):
        """(answer, whose result is the attack's) pairs."""
        if a.verdicts == {"refused"}:  # one request is one process, as it may be no line of a stream
            return runs.start(self.program, a, env, values)
        finished = runs.through(self.of(env), a, values)
        self.asked += 1
        if self.asked % HONEST_EVERY == 0:
            finished.append((self.of(env).answers(json.dumps(runs.HONEST).encode())[0], False))
        return finished

    def leave(self):
        if self.now:
            with self.now:
                pass
