# SPDX-License-Identifier: Apache-2.0
"""Our side: boxes of one running engine, asked through `kodewar bench`, cold, warm and pooled."""
import contextlib
import json
import os
import subprocess
import threading
import time

from measure import ENV, TOP, Absent, comm, hang_up, memory, tree, tree_cpu_usec

WARM_UP = 10  # turns before the first that counts
RUNNERS = ("cold", "warm", "pooled")


WAITING, EMPTY = "waiting box with its program", "waiting box, empty"
# Whatever build directory the binary lies in, this tree's data.
SOURCE_TREE = ["--languages-dir", os.path.join(TOP, "languages"),
               "--profile", os.path.join(TOP, "profiles", "seccomp.json")]


def _pid_namespace(pid):
    try:
        return os.readlink(f"/proc/{pid}/ns/pid")
    except OSError:
        return None  # it has ended since


def _add(rows, name, found):
    row = rows.setdefault(name, {"count": 0, "pss_kb": 0, "rss_kb": 0, "own_kb": 0})
    row["count"] += 1
    for key in ("Pss", "Rss", "Own"):
        row[key.lower() + "_kb"] += found[key]


def name_of(runner):
    return f"kodewar {runner}"


def request(program, cases=1, code=None):
    """A submission as JSON; its cases all ask the same."""
    body = {"code": program.source() if code is None else code, "language": program.language,
            "test_cases": [{"input": program.stdin, "expected": program.expected}] * cases}
    return json.dumps(body) + "\n"


class Engine:
    """A resident `kodewar bench`: lines in, answers out."""

    def __init__(self, kodewar, words, pin=None):
        self.answers = []
        command = [kodewar, "bench", *SOURCE_TREE, *words]
        if pin is not None:
            command = ["/usr/bin/taskset", "-c", str(pin), *command]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, env=ENV)
        # What it logs is kept for a reason to be told, and drained so that it never blocks.
        self._said = []
        self._drain = threading.Thread(target=lambda: self._said.extend(self.process.stderr), daemon=True)
        self._drain.start()

    def gone(self):
        code = hang_up(self.process)
        self._drain.join()
        said = [line.decode(errors="replace").strip() for line in self._said if line.strip()]
        return Absent(f"exit {code}: {said[-1][:120] if said else 'no word'}")

    def send(self, line):
        try:
            self.process.stdin.write(line)
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # the missing answer tells why

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise self.gone()
        return line

    def close(self):
        hang_up(self.process)
        self._drain.join()
        self.process.stdout.close()
        self.process.stderr.close()


class Ours:
    """One runner with one program; also bursts, which have engines of their own with more in flight."""

    every = 1

    def __init__(self, kodewar, runner, program, words=(), cases=1, code=None, pin=None, in_flight=1):
        self.name, self.runner, self.program = name_of(runner), runner, program
        self.kodewar, self.words, self.pin = kodewar, list(words), pin
        self.answers, self.missed, self._bursts = [], 0, {}
        if program.language:
            self.line = request(program, cases, code).encode()
        else:
            self.line = b"\n"
        self.engine = self._engine(in_flight)
        try:
            self._get_ready()
        except Absent:
            self.close()
            raise

    def _engine(self, in_flight):
        words = ["--runner", self.runner, *self.words]
        if self.program.language:
            words = ["--requests", "--in-flight", str(in_flight), *words]
        else:
            if in_flight > 1:
                raise Absent("a plain command has one in flight")
            words = ["--lanes", "1", *words, "--", *self.program.argv]
        return Engine(self.kodewar, words, self.pin)

    def _get_ready(self):
        """Until its runner is up and its pool filled, so long as that is not for ever."""
        for _ in range(WARM_UP):
            time.sleep(.02)  # a pool is filled while nothing else is asked
            self.engine.send(self.line)
            ran = self._accepted(self.engine.answer()).get("runner")
            if ran == self.runner or not self.program.language:
                return
        raise Absent(f"{self.name}: ran {ran}")

    def _accepted(self, line):
        answer = json.loads(line)
        if answer.get("verdict") != "accepted":
            raise Absent(f"{self.name}: verdict {answer.get('verdict')}: {answer.get('error', '')[:100]}")
        return answer

    def turn(self, count=True):
        """A pooled turn that finds no box waiting is made at the order: it counts as missed, not as pooled."""
        self.engine.send(self.line)
        answer = self._accepted(self.engine.answer())
        ran = answer.get("runner", self.runner)
        if (self.runner, ran) == ("pooled", "warm"):
            self.missed += count
        elif ran != self.runner:
            raise Absent(f"{self.name}: ran {ran}")
        elif count:
            self.answers.append(answer["nsec"])

    def _burst_engine(self, slots):
        if slots not in self._bursts:
            e = self._bursts[slots] = self._engine(slots)
            for _ in range(2 * slots):
                e.send(self.line)
            for _ in range(2 * slots):
                self._accepted(e.answer())
        return self._bursts[slots]

    def burst(self, runs, slots):
        """Nanoseconds for RUNS requests, SLOTS at once: from the first byte in to the last answer out."""
        engine = self._burst_engine(slots)
        feeder = threading.Thread(target=lambda: [engine.send(self.line) for _ in range(runs)])
        lines = []
        start = time.perf_counter_ns()
        feeder.start()
        for _ in range(runs):
            lines.append(engine.answer())
        end = time.perf_counter_ns()
        feeder.join()
        for line in lines:
            self._accepted(line)  # a box made at order time where the pool ran dry is as good an answer
        return end - start

    def cpu_usec(self, runs=300):
        """Per run: gate, warden, launchers, inits and programs, all that the tree waited for."""
        before = tree_cpu_usec(self.engine.process.pid)
        for _ in range(runs):
            self.turn(count=False)
        return (tree_cpu_usec(self.engine.process.pid) - before) / runs

    def memory(self):
        """Processes of the engine by name: how many, and KiB together as measure.memory() tells them.

        What lives in a pid namespace of its own is a box made ahead: with a program that waits in it, or empty.
        """
        home, boxes, rows = _pid_namespace(self.engine.process.pid), {}, {}
        for pid in tree(self.engine.process.pid):
            found, space = memory(pid), _pid_namespace(pid)
            if found and space == home:
                _add(rows, comm(pid), found)
            elif found and space:
                boxes.setdefault(space, []).append(found)
        for parts in boxes.values():
            _add(rows, WAITING if len(parts) > 1 else EMPTY, {k: sum(p[k] for p in parts) for k in parts[0]})
        return rows

    def idle_memory(self):
        """When the pool has been filled again, so that two looks see the same processes."""
        def counts(rows):
            return {name: row["count"] for name, row in rows.items()}
        before, now = None, self.memory()
        for _ in range(20):
            if before and counts(before) == counts(now):
                break
            time.sleep(.1)
            before, now = now, self.memory()
        return now

    def close_bursts(self):
        for e in self._bursts.values():
            e.close()
        self._bursts = {}

    def close(self):
        self.close_bursts()
        self.engine.close()


def all_runners(kodewar, program, absent, runners=RUNNERS, **more):
    """One of each runner that works here; a plain command knows only an exec, which is cold."""
    found = []
    for runner in runners if program.language else RUNNERS[:1]:
        try:
            found.append(Ours(kodewar, runner, program, **more))
        except Absent as e:
            absent[f"{name_of(runner)}, {program.title}"] = str(e)
    return found


EATER = """
import time, sys
blocks = []
while True:
    blocks.append(bytearray(1 << 20))
    sys.stdout.write('%d\\n' % time.monotonic_ns())
    sys.stdout.flush()
"""


def overruns(kodewar, rounds):
    """How long after its limit a program is dead, milliseconds: values per limit."""
    cases = [
        ("cpu 100 ms", "cpu_ms=100", "while True: pass", lambda a: a["cpu_usec"] / 1e3 - 100),
        ("wall 100 ms", "wall_ms=100", "import time\ntime.sleep(60)", lambda a: a["wall_usec"] / 1e3 - 100),
        ("memory 32 MB", "memory_kb=32768", EATER, lambda a: (a["end_nsec"] - int(a["last_line"])) / 1e6),
    ]
    found = {}
    for name, limit, code, late in cases:
        e = Engine(kodewar, ["--lanes", "1", "-L", limit, "--", "/usr/bin/python3.11", "-S", "-c", code])
        values = []
        for i in range(rounds + 1):
            e.send(b"\n")
            answer = json.loads(e.answer())
            if i:
                values.append(late(answer))
        e.close()
        found[name] = values
    return found


@contextlib.contextmanager
def on_cores(cores):
    """The words that pin a service to so many cores; this script keeps off them where others are left."""
    mine = os.sched_getaffinity(0)
    if cores < len(mine):
        os.sched_setaffinity(0, sorted(mine)[cores:])
    try:
        yield ",".join(str(c) for c in sorted(mine)[:cores])
    finally:
        os.sched_setaffinity(0, mine)
