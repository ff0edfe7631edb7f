#!/usr/bin/python3.11
# SPDX-License-Identifier: Apache-2.0
"""Boxes beside peers, in one run: everybody in turn, round after round, medians and ratios.

The full bench writes docs/BENCH.md and docs/bench.svg, or below --out; --service measures `kodewar serve` alone,
--queue `kodewar worker`, --compiled compiled programs, and put it in their place in the table that is there. --gate is the short form for CI: it
compares ratios with the committed ones (bench/ratios.json). Contenders that are not on this machine are named
as absent, never guessed. --check fails when a promise of the project does not hold (ratios only).
"""
import argparse
import contextlib
import json
import os
import signal
import sys
import tempfile
from dataclasses import dataclass, field

import compiled
import gate
import inside
import machine
import plot
import promises
import report
import sections
import serve
import workloads
from docker import Engine
from measure import CORES, TOP, Absent
from ours import overruns
from peers import Field

PEERS = ("bwrap", "nsjail", "isolate", "crun", "runc", "docker", "go-judge")


@dataclass
class Bench:
    kodewar: str
    directory: str
    field: Field
    rounds: int
    effort: float  # of bursts: 1 is the full length
    peer_names: tuple = PEERS
    absent: dict = field(default_factory=dict)


@contextlib.contextmanager
def opened(args, peer_names=PEERS):
    """A bench with its directory, and an engine for docker where one is to be had."""
    engine = engine_absent = None
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="kodewar-bench-"))
        if "docker" in peer_names:
            try:
                engine = stack.enter_context(Engine(args.docker))
            except Absent as e:
                engine_absent = str(e)
        spawn = os.path.join(args.build, "bench-spawn")
        if engine_absent:
            peer_names = tuple(n for n in peer_names if n != "docker")
        yield Bench(os.path.join(args.build, "kodewar"), directory, Field(spawn, directory, engine, engine_absent),
                    args.rounds, min(1.0, args.rounds / 200), peer_names)


def measure_boxes(args, bench):
    """Boxes beside peers."""
    programs = workloads.ALL
    return {"machine": machine.describe(args.build, bench.field.engine), "cores": CORES, "rounds": args.rounds,
            "races": {key: sections.race(p, bench) for key, p in programs.items()},
            "throughput": {key: sections.throughput(programs[key], bench) for key in ("python-hello", "node-hello")},
            "by_cores": sections.by_cores(programs["python-hello"], bench),
            "submission": sections.submission(bench),
            "scale": {"tests": sections.scale_tests(bench), "source": sections.scale_source(bench)},
            "memory": sections.idle_memory(bench),
            "preload": sections.preload(bench),
            "overruns": overruns(bench.kodewar, max(5, args.rounds // 4))}


def full(args):
    with opened(args) as bench:
        result = measure_boxes(args, bench)
        result["compiled"] = sections.compiled(bench)
        result["service"] = sections.service(bench)
        result["queue"] = sections.queue(bench)
        result["inside"] = sections.inside_container(bench)
        result["absent"] = {**bench.field.absent, **bench.absent}
    result["promises"] = promises.judge(result)
    return result


def write(args, result):
    out = args.out or TOP
    docs = os.path.join(out, "docs")
    os.makedirs(docs, exist_ok=True)
    with open(os.path.join(docs, "BENCH.md"), "w", encoding="utf-8") as f:
        f.write(report.markdown(result))
    with open(os.path.join(docs, "bench.svg"), "w", encoding="utf-8") as f:
        f.write(plot.svg(result))
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump(result, f, indent=1)


def put(args, result, replaced, section):
    """One section and its promises into the BENCH.md that is there."""
    path = os.path.join(args.out or TOP, "docs", "BENCH.md")
    with open(path, encoding="utf-8") as f:
        text = replaced(f.read(), result)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    print(section(result))
    for what, why in result["absent"].items():
        print(f"absent: {what}: {why}")
    return finish(args, result)


def measured_before(args):
    with open(args.source, encoding="utf-8") as f:
        return json.load(f)


def boxes(args):
    with opened(args) as bench:
        result = measure_boxes(args, bench)
        result["absent"] = {**bench.field.absent, **bench.absent}
    return result


def run_boxes(args):
    """Boxes beside peers alone; what names a commit of its own stays in the BENCH.md that is there."""
    result = measured_before(args) if args.source else boxes(args)
    result["promises"] = promises.judge(result)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump(result, f, indent=1)
    with open(os.path.join(args.out or TOP, "docs", "bench.svg"), "w", encoding="utf-8") as f:
        f.write(plot.svg(result))
    return put(args, result, report.with_boxes, lambda r: report.promise_table(r["promises"]))


def run_service(args):
    """The service alone, put into the BENCH.md that is there."""
    with opened(args, ()) as bench:
        result = {"machine": machine.describe(args.build, None), "rounds": args.rounds,
                  "service": sections.service(bench), "absent": bench.absent}
    result["promises"] = promises.service(result)
    return put(args, result, report.with_service, report.service)


def run_queue(args):
    """Workers of a queue alone, the same."""
    with opened(args, ()) as bench:
        result = {"machine": machine.describe(args.build, None), "rounds": args.rounds,
                  "queue": sections.queue(bench), "absent": bench.absent}
    result["promises"] = promises.queue(result)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump(result, f, indent=1)
    return put(args, result, report.with_queue, report.queue)


def run_compiled(args):
    """Compiled programs alone, the same."""
    with opened(args, ()) as bench:
        result = {"machine": machine.describe(args.build, None), "compiled": compiled.measure(bench), "absent": bench.absent}
    result["promises"] = promises.compiled(result)
    return put(args, result, report.with_compiled, report.compiled)


def run_inside(args):
    """Boxes inside a container alone, put into the BENCH.md that is there."""
    result = {"machine": machine.describe(args.build, None), "absent": {},
              "inside": inside.measure(os.path.join(args.build, "kodewar"), os.environ.get("DOCKER_HOST"), args.rounds)}
    result["promises"] = promises.inside(result)
    return put(args, result, report.with_inside, report.inside)


def finish(args, result):
    broken = any(held is False for *_, held in result["promises"])
    return 1 if args.check and broken else 0


def run_gate(args):
    with opened(args, ()) as bench:
        path = os.path.join(args.out or TOP, "bench", "ratios.json")
        return gate.write(bench, path) if args.write else gate.compare(bench, path)


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    p.add_argument("--build", default=os.path.join(TOP, "build"), help="where kodewar and bench-spawn are")
    p.add_argument("--rounds", type=int, default=200, help="turns of each contender (slow peers take fewer)")
    p.add_argument("--docker", action="store_true", help="bring up a Docker Engine of our own, and end it")
    p.add_argument("--gate", action="store_true", help="short: compare ratios with bench/ratios.json")
    p.add_argument("--boxes", action="store_true", help="boxes beside peers alone, into the docs/BENCH.md that is there")
    p.add_argument("--service", action="store_true", help="`kodewar serve` alone, into the docs/BENCH.md that is there")
    p.add_argument("--queue", action="store_true", help="`kodewar worker` alone, beside a plain Celery worker; into the docs/BENCH.md that is there")
    p.add_argument("--compiled", action="store_true", help="compiled programs alone, into the docs/BENCH.md that is there")
    p.add_argument("--inside", action="store_true", help="native boxes inside a container, into the docs/BENCH.md that is there")
    p.add_argument("--write", action="store_true", help="with --gate: write bench/ratios.json instead")
    p.add_argument("--json", metavar="FILE", help="all that was measured, as JSON")
    p.add_argument("--from", dest="source", metavar="FILE", help="render what --json wrote, of all or with --boxes; measure nothing")
    p.add_argument("--out", metavar="DIR", help="write below DIR instead of the source tree")
    p.add_argument("--check", action="store_true", help="fail when a promise does not hold")
    args = p.parse_args()
    other_part = args.service or args.queue or args.compiled or args.inside
    if args.source and (args.gate or other_part):
        p.error("--from renders the whole bench or, with --boxes, that part")
    there = os.path.join(args.out or TOP, "docs/BENCH.md")
    if (args.boxes or other_part) and not os.path.exists(there):
        p.error(f"a part is put into the BENCH.md that is there, and {there} is not")
    if args.gate:
        return run_gate(args)
    if args.boxes:
        return run_boxes(args)
    if args.service:
        return run_service(args)
    if args.queue:
        return run_queue(args)
    if args.compiled:
        return run_compiled(args)
    if args.inside:
        return run_inside(args)
    if args.source:
        result = measured_before(args)
        result["promises"] = promises.judge(result)
    else:
        result = full(args)
    write(args, result)
    print(report.markdown(result))
    return finish(args, result)


if __name__ == "__main__":
    # Ended from outside, it still ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
