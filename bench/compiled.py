# SPDX-License-Identifier: Apache-2.0
"""Compiled submissions: what 100 tests cost beside 100 bare runs of the same program, how often a compiler runs for them,
and what g++ saves by the header that was compiled ahead.

    bench/run --compiled

Everything that is compared takes turns. The service with its boxes and the bare runs are pinned to one and the same core; the
clock is a client's, on another core where there is one, from the first byte of a request over HTTP to the last of its result.
"""
import json
import os
import re
import shutil
import subprocess
import time

import serve
from measure import ENV, PROGRAMS, TOP, Absent, median
from ours import Engine, on_cores, request
from peers import BARE, Spawned
from workloads import Program

TESTS = 100
PRECOMPILED = re.compile(r" -I/usr/lib/kodewar/pch/\d+,")
C = Program("c-square", "C, square of stdin", "c", ("/usr/bin/gcc", "-O2", "square.c"), "7\n", "49\n")
CPP = Program("cpp-square", "C++, square of stdin", "cpp", ("/usr/bin/g++", "-O2", "square.cpp"), "7\n", "49\n")


class Bare:
    """100 bare runs, one after the other, of what our language's compiler makes of the source."""

    name = BARE

    def __init__(self, program, bench, pin):
        binary = os.path.join(bench.directory, program.key)
        stdin = binary + ".stdin"
        subprocess.run([*program.at(PROGRAMS), "-o", binary], env=ENV, check=True)
        with open(stdin, "w", encoding="utf-8") as f:
            f.write(program.stdin)
        self.spawned = Spawned(BARE, bench.field.spawn, [[binary]], stdin, around=("/usr/bin/taskset", "-c", pin))
        self.nsec, self._cpu_usec = [], 0

    def turn(self):
        self.nsec.append(self.spawned.burst(TESTS, 1))
        self._cpu_usec += self.spawned.burst_cpu_usec

    def cpu(self):
        """Milliseconds of a turn, by part."""
        return {"programs": self._cpu_usec / len(self.nsec) / 1e3}

    def close(self):
        self.spawned.close()


class Judged:
    """The submission of 100 tests, asked of a service that has compiled it before."""

    name = "kodewar"

    def __init__(self, program, bench, pin):
        self.body = request(program, TESTS)
        mine = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {int(pin)})  # the service's, and what it starts
        try:
            self.service = serve.Service(os.path.dirname(bench.kodewar), bench.directory, program)
        finally:
            os.sched_setaffinity(0, mine)
        self.nsec = []
        cached = [self._ask()[1]["compile"]["cached"] for _ in range(3)]
        if cached != [False, True, True]:
            self.close()
            raise Absent(f"{program.title}: compiled, or not, at the wrong time: {cached}")
        self._before = self.service.cpu()

    def _ask(self):
        begun = time.perf_counter_ns()
        text = self.service.get("/v1/execute", "POST", self.body)
        nsec, answer = time.perf_counter_ns() - begun, json.loads(text)
        if answer["verdict"] != "accepted" or len(answer["test_results"]) != TESTS:
            raise Absent(f"kodewar: {answer['verdict']}: {answer['error'][:100]}")
        return nsec, answer

    def turn(self):
        self.nsec.append(self._ask()[0])

    def cpu(self):
        return {part: (now - self._before[part]) * 1e3 / len(self.nsec) for part, now in self.service.cpu().items()}

    def close(self):
        self.service.close()


def _many_tests(program, bench):
    """Both sides in turn: milliseconds, and the median of their ratios."""
    sides = []
    with on_cores(1) as pin:
        try:
            for side in (Bare, Judged):
                sides.append(side(program, bench, pin))
            for turn in range(max(10, bench.rounds // 5)):
                for s in sides if turn % 2 else sides[::-1]:
                    s.turn()
            cpu = [s.cpu() for s in sides]
        finally:
            for s in sides:
                s.close()
    bare, ours = (s.nsec for s in sides)
    return {"title": program.title, "turns": len(bare), "bare_ms": median(bare) / 1e6, "ours_ms": median(ours) / 1e6,
            "ratio": median([o / b for o, b in zip(ours, bare)]), "least": min(ours) / min(bare),
            "bare_cpu_ms": sum(cpu[0].values()), "cpu_ms": cpu[1], "cpu_ratio": sum(cpu[1].values()) / sum(cpu[0].values())}


def _boxes(service):
    """How many boxes a service has run."""
    return sum(float(n) for n in re.findall(r"^kodewar_boxes_total\{[^}]*\} (\S+)$", service.get("/metrics"), re.M))


def _compiles(bench):
    """Compile steps of the same submission, twice: boxes that it took, by the service's count, beyond its tests."""
    found = []
    with serve.serving(os.path.dirname(bench.kodewar), bench.directory, CPP) as service:
        for _ in range(2):
            before = _boxes(service)
            answer = json.loads(service.get("/v1/execute", "POST", request(CPP, TESTS)))
            if answer["verdict"] != "accepted":
                raise Absent(f"kodewar serve: {answer['verdict']}: {answer['error'][:100]}")
            found.append(int(_boxes(service) - before) - TESTS)
    return {"first": found[0], "repeat": found[1]}


def _without(directory):
    """The languages, whose C++ knows nothing of a header that was compiled ahead."""
    shutil.copytree(os.path.join(TOP, "languages"), directory)
    for name in os.listdir(directory):
        if not name.startswith("cpp"):
            continue
        path = os.path.join(directory, name)
        with open(path, encoding="utf-8") as f:
            text, n = PRECOMPILED.subn("", f.read())
        if n != 1:
            raise Absent(f"languages/{name} names no precompiled header")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)


def _header(bench):
    """Cpu of compiling <bits/stdc++.h> and next to nothing else, with and without, in turn: milliseconds."""
    if subprocess.run([os.path.join(TOP, "tools/precompile-headers.sh"), "--check"], env=ENV, capture_output=True).returncode:
        raise Absent("no precompiled header here: tools/precompile-headers.sh")
    directory = os.path.join(bench.directory, "without-header")
    _without(directory)
    line = json.dumps({**json.loads(request(CPP)), "fresh": True}).encode() + b"\n"
    words = ["--requests", "--in-flight", "1", "--runner", "cold", "--lanes", "1"]
    sides = {"with": Engine(bench.kodewar, words),
             "without": Engine(bench.kodewar, [*words, "--languages-dir", directory])}
    spent = {name: [] for name in sides}
    try:
        for _ in range(max(5, bench.rounds // 20)):
            for name, engine in sides.items():
                engine.send(line)
                answer = json.loads(engine.answer())
                if answer["verdict"] != "accepted":
                    raise Absent(f"{name} header: {answer['error'][:100]}")
                spent[name].append(answer["compile"]["usage"]["cpu_ms"])
    finally:
        for engine in sides.values():
            engine.close()
    found = {f"{name}_ms": median(values) for name, values in spent.items()}
    return {**found, "ratio": found["with_ms"] / found["without_ms"]}


def measure(bench):
    """What can be had of it; what cannot is None, and named in bench.absent."""
    found = {"load": f"{os.getloadavg()[0]:.1f}", "nice": os.nice(0)}
    for key, section in (("many", lambda: [_many_tests(p, bench) for p in (C, CPP)]), ("compiles", lambda: _compiles(bench)),
                         ("header", lambda: _header(bench))):
        try:
            found[key] = section()
        except Absent as e:
            found[key] = None
            bench.absent[f"compiled programs, {key}"] = str(e)
    return found
