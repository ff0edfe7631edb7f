# SPDX-License-Identifier: Apache-2.0
"""The sections of the full bench. Contenders take turns, round after round; each section returns plain data."""
import os
import shutil
import subprocess
import sys

import serve
import compiled as compiled_programs
import inside
import workers
import workloads
from docker import client
from measure import CORES, ENV, PYTHON, TOP, Absent, median, quantile
from ours import RUNNERS, Ours, all_runners, name_of, on_cores

IN_FLIGHT = (1, 2, 4, 16)
TESTS = (1, 10, 100, 1000)
SOURCE_KB = (1, 10, 100, 1000)
BURST_NSEC = 1.2e9  # a burst is about so long


def say(text):
    print(text, file=sys.stderr, flush=True)


def turns(contenders, rounds, absent, warm_up=3):
    """ROUNDS turns each; slow ones take every n-th. Who fails is taken out of the list, and named."""
    for i in range(-warm_up, rounds):
        for c in list(contenders):
            if i < 0 or i % c.every == 0:
                attempt(contenders, c, absent, lambda c=c, i=i: c.turn(count=i >= 0))
    for c in list(contenders):
        missed = getattr(c, "missed", 0)
        if missed:
            absent[f"{c.name}, {c.program.title}"] = f"{missed} of {missed + len(c.answers)} turns found no box waiting"
        if not c.answers:
            contenders.remove(c)
            c.close()


def attempt(contenders, c, absent, action):
    """What the action gives; None when the contender failed at it."""
    try:
        return action()
    except Absent as e:
        absent[f"{c.name}, failed"] = str(e)
        contenders.remove(c)
        c.close()
        return None


def close(contenders):
    for c in contenders:
        c.close()


def inside_container(bench):
    """Where an engine has the image; else it is named as absent."""
    say("native boxes inside a container")
    try:
        if not bench.field.engine:
            raise Absent("no engine")
        if client(bench.field.engine.host, "image", "inspect", inside.IMAGE).returncode != 0:
            raise Absent(f"the engine has no image {inside.IMAGE}: make image")
        return inside.measure(bench.kodewar, bench.field.engine.host, bench.rounds)
    except Absent as e:
        bench.absent["native boxes inside a container"] = str(e)
        return None


def race(program, bench):
    """Latency and cpu of one program for everybody."""
    say(f"race: {program.title}")
    contenders = bench.field.all(program, bench.peer_names) + all_runners(bench.kodewar, program, bench.absent)
    turns(contenders, bench.rounds, bench.absent)
    bare = median(contenders[0].answers)
    rows = []
    for c in list(contenders):
        cpu = attempt(contenders, c, bench.absent, c.cpu_usec)
        rows.append({"name": c.name, "rounds": len(c.answers), "p50_us": median(c.answers) / 1e3,
                     "p90_us": quantile(c.answers, .9) / 1e3, "p99_us": quantile(c.answers, .99) / 1e3,
                     "ratio": median(c.answers) / bare, "cpu_us": cpu})
    close(contenders)
    return {"title": program.title, "rows": rows}


def throughput(program, bench):
    """Runs per second at several in flight: name -> {in flight: runs/s}."""
    say(f"throughput: {program.title}")
    contenders = bench.field.all(program, bench.peer_names) + all_runners(bench.kodewar, program, bench.absent)
    found = {}
    turns(contenders, 5, bench.absent)
    for c in list(contenders):
        attempt(contenders, c, bench.absent, lambda c=c: found.setdefault(c.name, {}).update(_bursts(c, bench)))
    close(contenders)
    return found


def _bursts(c, bench):
    """{in flight: runs/s}, each the median of three bursts (slow peers: one)."""
    found, each = {}, median(c.answers)
    for slots in IN_FLIGHT:
        runs = max(2 * slots, int(BURST_NSEC * bench.effort * min(slots, CORES) / each))
        found[str(slots)] = median([runs * 1e9 / c.burst(runs, slots) for _ in range(3 if c.every == 1 else 1)])
        if isinstance(c, Ours):
            c.close_bursts()
    return found


def by_cores(program, bench):
    """Our runs per second with the service on one core, and on two: runner -> {cores: runs/s}."""
    say("throughput by cores")
    found = {}
    for cores in sorted({1, min(2, CORES)}):
        for runner in RUNNERS:
            with on_cores(cores) as pin:
                try:
                    c = Ours(bench.kodewar, runner, program, ["--lanes", str(cores)], pin=pin)
                except Absent:
                    continue
                runs = int(1500 * bench.effort)
                alive = [c]
                values = attempt(alive, c, bench.absent, lambda c=c, cores=cores, runs=runs: [
                    runs * 1e9 / c.burst(runs, 2 * cores) for _ in range(3)])
                close(alive)
                if values:
                    found.setdefault(name_of(runner), {})[str(cores)] = median(values)
    return found


class Many:
    """A peer's answer to a submission of N tests: N runs, as many at once as there are cores."""

    def __init__(self, contender, tests):
        self.contender, self.name, self.tests = contender, contender.name, tests
        self.answers = []
        self.every = contender.every

    def turn(self, count=True):
        nsec = self.contender.burst(self.tests, CORES)
        if count:
            self.answers.append(nsec)

    def close(self):
        self.contender.close()


def submission(bench, tests=100, names=None):
    """Seconds for one submission of so many trivial tests.

    Without docker run: its engine cleans up for seconds after a hundred runs, at the cost of whoever is next.
    """
    say(f"submission of {tests} tests")
    p = workloads.SQUARE
    if names is None:
        names = [n for n in bench.peer_names if n != "docker"]
    contenders = [Many(c, tests) for c in bench.field.all(p, names)]
    contenders += all_runners(bench.kodewar, p, bench.absent, cases=tests)
    turns(contenders, max(3, bench.rounds // (10 if tests <= 100 else 40)), bench.absent,
          warm_up=1 if tests <= 100 else 0)
    close(contenders)
    return {c.name: median(c.answers) / 1e9 for c in contenders}


def scale_tests(bench):
    """name -> {tests: ms}."""
    found = {}
    for tests in TESTS:
        for name, seconds in submission(bench, tests, ("bwrap",)).items():
            found.setdefault(name, {})[str(tests)] = seconds * 1e3
    return found


def scale_source(bench):
    """name -> {KiB of source: ms}: a hello behind so much comment."""
    found = {}
    hello = workloads.ALL["python-hello"]
    for kb in SOURCE_KB:
        say(f"source of {kb} KiB")
        code = ("# " + "x" * 61 + "\n") * (kb * 16) + hello.source()
        contenders = [bench.field.bare_source(code)]
        contenders += all_runners(bench.kodewar, hello, bench.absent, code=code)
        turns(contenders, max(5, bench.rounds // 4), bench.absent)
        close(contenders)
        for c in contenders:
            found.setdefault(c.name, {})[str(kb)] = median(c.answers) / 1e6
    return found


def idle_memory(bench):
    """Of engines that have just answered and now wait: "language runner" -> rows of Ours.idle_memory()."""
    say("memory")
    found = {}
    for key in ("python-hello", "node-hello"):
        program = workloads.ALL[key]
        for c in all_runners(bench.kodewar, program, bench.absent):
            alive = [c]
            for _ in range(20):
                attempt(alive, c, bench.absent, lambda c=c: c.turn(count=False))
            if alive:
                found[f"{program.language} {c.runner}"] = c.idle_memory()
            close(alive)
    return found


def compiled(bench):
    """Submissions that are compiled."""
    say("compiled programs")
    return compiled_programs.measure(bench)


def service(bench):
    """`kodewar serve` under load; None where it cannot be had."""
    say("service")
    return serve.measure(os.path.dirname(bench.kodewar), bench.directory, bench.rounds, bench.effort, bench.absent)


def queue(bench):
    """Workers on a queue in Redis; None where it cannot be had."""
    say("queue")
    return workers.measure(os.path.dirname(bench.kodewar), bench.rounds, bench.effort, bench.absent)


# About 60 MB of modules of Debian's python3-sympy and of the standard library, of those that may be loaded ahead (docs/LANGUAGES.md).
PRELOAD = ("sympy", "sympy.physics.mechanics", "sympy.stats", "sympy.physics.units", "sympy.physics.hep.gamma_matrices",
           "sympy.geometry", "sympy.holonomic", "sympy.diffgeom", "sympy.crypto", "sympy.liealgebras", "sympy.codegen", "sympy.vector",
           "sympy.combinatorics", "sympy.tensor.tensor", "sympy.polys.benchmarks.bench_solvers", "unittest", "http.server", "email.mime.text", "xml.dom.minidom",
           "pydoc_data.topics")


def with_preload(languages, directory):
    """A copy of the languages in DIRECTORY, whose Python loads PRELOAD ahead as well."""
    shutil.copytree(languages, directory)
    path = os.path.join(directory, "python.yaml")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    if "\npreload:\n" not in text:
        raise Absent("languages/python.yaml loads nothing ahead")
    items = "".join(f"  - {name}\n" for name in PRELOAD if f"  - {name}\n" not in text)
    text = text.replace("\npreload:\n", "\npreload:\n" + items, 1)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def preload(bench):
    """What 60 MB of modules more do to a warm start, the two zygotes taking turns."""
    say("preload")
    hello = workloads.ALL["python-hello"]
    directory = os.path.join(bench.directory, "languages")
    try:
        if subprocess.run([PYTHON, "-c", "import sympy"], env=ENV, capture_output=True).returncode != 0:
            raise Absent("Debian's python3-sympy is not installed")
        with_preload(os.path.join(TOP, "languages"), directory)
        plain = Ours(bench.kodewar, "warm", hello, ["--lanes", "1"])
        try:
            loaded = Ours(bench.kodewar, "warm", hello, ["--lanes", "1", "--languages-dir", directory])
        except Absent:
            plain.close()
            raise
    except Absent as e:
        bench.absent["preload"] = str(e)
        return None
    both = [plain, loaded]
    turns(both, bench.rounds, bench.absent)
    if len(both) < 2:
        close(both)
        return None
    mb = [sum(row["rss_kb"] for row in c.memory().values()) / 1024 for c in both]
    close(both)
    return {"plain_us": median(plain.answers) / 1e3, "loaded_us": median(loaded.answers) / 1e3,
            "more_mb": mb[1] - mb[0]}
