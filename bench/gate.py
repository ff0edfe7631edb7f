# SPDX-License-Identifier: Apache-2.0
"""The gate: a few ratios, each the median of several blocks, beside those that are committed in ratios.json.

Every number is a cost relative to the bare run (the service: the bare engine) measured beside it, so less is better and the machine's own speed
falls out. Other work on the machine only ever adds to a turn, and to ours, which are short and wait for several
processes, more than to the bare one: so a block's number is its turn that was disturbed least, the machine is given
time to become quiet, and a ratio that looks lost is measured again twice, and must be lost each time.

What is committed is of two machines, an Intel and an AMD one, of each ratio the greater: where many boxes run at once they
differ by a third. --write knows the machine that it runs on, and no other.
"""
import json
import os

import serve
import workloads
from measure import CORES, Absent, median, quiet
from ours import Ours, all_runners, name_of
from sections import Many, attempt, close, say, turns

BLOCKS = 5
TURNS = 16
LOSS = .25
TRIES = 3
RUNS = 200  # of a burst
QUIET_SEC = 10  # to wait for a machine that does nothing else, before each measurement
RACES = ("true", "python-hello", "node-hello")


def _race_blocks(contenders, absent):
    """name -> ratio to the first contender: medians of blocks, then their median."""
    blocks = {c.name: [] for c in contenders[1:]}
    for _ in range(BLOCKS):
        for c in contenders:
            c.answers = []
        turns(contenders, TURNS, absent, warm_up=1)
        for c in contenders[1:]:
            blocks[c.name].append(min(c.answers) / min(contenders[0].answers))
    return {name: median(values) for name, values in blocks.items() if len(values) == BLOCKS}


def _race(key, bench):
    program = workloads.ALL[key]
    contenders = [bench.field.bare(program), *all_runners(bench.kodewar, program, bench.absent)]
    try:
        return {f"{key}, {name}": ratio for name, ratio in _race_blocks(contenders, bench.absent).items()}
    finally:
        close(contenders)


def _submission(bench):
    bare = Many(bench.field.bare(workloads.SQUARE), 20)
    contenders = [bare, *all_runners(bench.kodewar, workloads.SQUARE, bench.absent, cases=100)]
    turns(contenders, BLOCKS, bench.absent, warm_up=1)
    close(contenders)
    return {f"submission of 100, {c.name}": median([ours / (5 * theirs) for ours, theirs in
                                                    zip(c.answers, bare.answers)]) for c in contenders[1:]}


def _burst_ratio(ours, bare):
    theirs = bare.burst(RUNS // 5, CORES) * 5
    return ours.burst(RUNS, 2 * CORES) / theirs


def _throughput(bench):
    program = workloads.ALL["python-hello"]
    bare = bench.field.bare(program)
    found = {}
    for runner in ("warm", "pooled"):
        try:
            ours = Ours(bench.kodewar, runner, program)
        except Absent as e:
            bench.absent[f"{name_of(runner)}, {program.title}"] = str(e)
            continue
        alive = [ours]
        ratios = [attempt(alive, ours, bench.absent, lambda: _burst_ratio(ours, bare)) for _ in range(BLOCKS) if alive]
        if alive:
            found[f"throughput of python-hello, {ours.name}"] = median(ratios)
        close(alive)
    bare.close()
    return found


def _service(bench):
    program = workloads.ALL["python-hello"]
    try:
        ratios = serve.ratios(os.path.dirname(bench.kodewar), bench.directory, program, BLOCKS, TURNS, RUNS)
    except Absent as e:
        bench.absent["service"] = str(e)
        return {}
    return {f"service, {name}": ratio for name, ratio in ratios.items()}


def measure(bench, wanted=None):
    """key -> ratio; WANTED: only the sections of these keys."""
    found = {}
    if not quiet(QUIET_SEC):
        say("gate: this machine is busy with something else")
    for title, section in ([(key + ",", lambda key=key: _race(key, bench)) for key in RACES] +
                           [("submission", lambda: _submission(bench)), ("throughput", lambda: _throughput(bench)),
                            ("service", lambda: _service(bench))]):
        if wanted is None or any(key.startswith(title) for key in wanted):
            say(f"gate: {title.rstrip(',')}")
            found.update(section())
    return found


def write(bench, path):
    """Commit what is measured now: the median of several measurements."""
    runs = [measure(bench) for _ in range(TRIES)]
    ratios = {key: round(median([r[key] for r in runs if key in r]), 4) for key in runs[0]}
    with open(path, "w", encoding="utf-8") as f:
        json.dump(ratios, f, indent="\t", sort_keys=True)
        f.write("\n")
    print(f"{path}: {len(ratios)} ratios")
    return 0


def _lost(committed, found):
    """Absent counts as lost: a runner that no longer starts is no gain."""
    return [key for key, ratio in committed.items() if key not in found or found[key] > ratio * (1 + LOSS)]


def compare(bench, path):
    """0 when nothing was lost. Prints TAP, one test per committed ratio."""
    with open(path, encoding="utf-8") as f:
        committed = json.load(f)
    found = measure(bench, list(committed))
    lost = _lost(committed, found)
    for _ in range(TRIES - 1):
        if not lost:
            break
        again = measure(bench, lost)
        found.update({key: min(again[key], found.get(key, again[key])) for key in lost if key in again})
        lost = _lost(committed, found)
    print(f"1..{len(committed)}")
    for i, (key, ratio) in enumerate(sorted(committed.items()), 1):
        now = f"{found[key]:.4f}" if key in found else "absent"
        print(f"{'not ok' if key in lost else 'ok'} {i} - {key}: {now}, committed {ratio:.4f}")
    for what, why in bench.absent.items():
        print(f"# absent: {what}: {why}")
    return 1 if lost else 0
