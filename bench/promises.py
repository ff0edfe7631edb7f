# SPDX-License-Identifier: Apache-2.0
"""What the project promises of its speed: judge() gives (what, bound, measured, held), held None for an absent peer."""
from measure import median, quantile
from ours import EMPTY, WAITING
from peers import BARE

COLD, WARM, POOLED = "kodewar cold", "kodewar warm", "kodewar pooled"


class Result:
    """Looks into a result; None wherever something is absent."""

    def __init__(self, result):
        self.r = result

    def row(self, program, name):
        return next((r for r in self.r["races"].get(program, {"rows": []})["rows"] if r["name"] == name), None)

    def value(self, program, name, key="p50_us"):
        row = self.row(program, name)
        return row and row.get(key)

    def ratio(self, program, name, to=BARE, key="p50_us", to_key="p50_us"):
        ours, theirs = self.value(program, name, key), self.value(program, to, to_key)
        return ours / theirs if ours is not None and theirs else None

    def zygote_mb(self, language):
        """The largest process of a warm engine that a cold one does not have: the zygote."""
        cold = self.r["memory"].get(f"{language} cold", {})
        each = [row["pss_kb"] / row["count"] / 1024
                for name, row in self.r["memory"].get(f"{language} warm", {}).items()
                if name not in cold and name not in (WAITING, EMPTY)]
        return max(each, default=None)

    def waiting_mb(self, language):
        """What a waiting box adds: the pages that are its own, since the rest is its zygote's."""
        row = self.r["memory"].get(f"{language} pooled", {}).get(WAITING)
        return row and row["own_kb"] / row["count"] / 1024


def at_most(what, value, bound, unit="", ours=True):
    """A promise as (what, bound, measured, held). OURS: it is broken, too, where nothing was measured."""
    held = (False if ours else None) if value is None else value <= bound
    return what, f"at most {bound:g}{unit}", _said(value, unit), held


def at_least(what, value, bound, unit="", ours=True):
    held = (False if ours else None) if value is None else value >= bound
    return what, f"at least {bound:g}{unit}", _said(value, unit), held


def _said(value, unit):
    return "not measured" if value is None else f"{value:.3g}{unit}" if value < 100 else f"{value:.0f}{unit}"


def _latency(x):
    yield at_most("/bin/true boxed, cold: over bare", x.ratio("true", COLD), 1.8, "x")
    yield at_most("Python hello, warm: over bare", x.ratio("python-hello", WARM), .12, "x")
    yield at_most("Python hello, pooled: over bare", x.ratio("python-hello", POOLED), .08, "x")
    yield at_most("Python hello, warm, p99: over bare's median", x.ratio("python-hello", WARM, key="p99_us"), .5, "x")
    for name, factor in (("bwrap", 12), ("crun", 14), ("runc", 30)):
        yield at_least(f"Python hello: {name} over ours warm", x.ratio("python-hello", name, to=WARM), factor, "x",
                       x.value("python-hello", name) is not None)
    yield at_most("Python hello, warm, cpu per run: over bare",
                  x.ratio("python-hello", WARM, key="cpu_us", to_key="cpu_us"), .1, "x")
    yield at_most("Node hello, warm: over bare", x.ratio("node-hello", WARM), .18, "x")
    yield at_most("Node hello, pooled: over bare", x.ratio("node-hello", POOLED), .12, "x")
    rows = x.r["races"].get("true", {"rows": []})["rows"]
    for row in rows:
        if row["name"] != BARE and not row["name"].startswith("kodewar"):
            yield at_most(f"/bin/true boxed, cold: over {row['name']}", x.ratio("true", COLD, to=row["name"]), 1, "x")


def _throughput(x):
    best = {}
    for runner in x.r["by_cores"].values():
        for cores, value in runner.items():
            best[cores] = max(value, best.get(cores, 0))
    yield at_least("Python hello, runs/s on one core", best.get("1"), 700)
    yield at_least("Python hello, runs/s on two cores", best.get("2"), 1300)
    seconds = [v for n, v in x.r["submission"].items() if n in (WARM, POOLED)]
    ours, bwrap = min(seconds, default=None), x.r["submission"].get("bwrap")
    yield at_most("Submission of 100 Python tests", ours, .12, " s")
    yield at_least("Submission of 100 Python tests: bwrap over ours", bwrap / ours if ours and bwrap else None, 10, "x",
                   bwrap is not None)
    loaded = x.r["preload"]
    more = f" ({loaded['more_mb']:.0f} MB measured)" if loaded else ""
    yield at_most(f"Warm start with 60 MB more modules loaded ahead{more}: over one without",
                  loaded and loaded["loaded_us"] / loaded["plain_us"], 1.25, "x", loaded is not None)


def _memory(x):
    for language, bound in (("python", 30), ("javascript", 60)):
        yield at_most(f"Idle {language} zygote (PSS)", x.zygote_mb(language), bound, " MB")
        yield at_most(f"Waiting {language} box (pages of its own)", x.waiting_mb(language), 1.5, " MB")
    idle = x.r["memory"].get("python cold")
    total = sum(r["pss_kb"] for r in idle.values()) / 1024 if idle else None
    yield at_most("Idle service without a zygote (PSS)", total, 10, " MB")


def service(result):
    """Of `kodewar serve`: held against the engine by itself, and against what the queue explains (Little's law)."""
    s = result.get("service") or {}
    many = [row for clients, row in s.get("clients", {}).items() if int(clients) >= 2]
    rates, waits = [row["rate"] for row in many], [row["p99_ms"] / row["queue_ms"] for row in many]
    more = s.get("overhead", {}).get("more_us")
    return [
        at_most("Service: HTTP over the engine's own latency, p50", more and more / 1e3, .3, " ms"),
        at_least("Service: jobs/s, the worst of 2 to 64 clients over the best", min(rates) / max(rates) if rates else None,
                 .95, "x"),
        at_most("Service: p99 over clients / (jobs/s), the worst of 2 to 64 clients", max(waits, default=None), 2, "x"),
        at_most("Service: 1,000 streams that wait", s.get("streams", {}).get("mb"), 20, " MB"),
        at_least("Service: journalled jobs/s over synchronous ones", s.get("durable", {}).get("ratio"), .8, "x"),
    ]


def queue(result):
    """Of `kodewar worker`: held against the engine by itself, a plain Celery worker, and its lease."""
    q = result.get("queue") or {}
    plain, takeover, ours = q.get("celery"), q.get("takeover"), q.get("celery", 0) is not None
    return [
        at_most("Queue: a job's time at saturation over the engine's own", q.get("overhead", {}).get("ratio"), 1.5, "x"),
        at_least("Queue: tasks/s over those of a plain Celery worker on the same cores", plain and plain["ratio"], 3, "x", ours),
        at_least("Queue: tasks per second of processor over its", plain and plain["processor"], 3, "x", ours),
        at_most("Queue: a dead worker's job is taken over, after the lease", takeover and takeover["max_sec"] - takeover["lease_sec"], 1, " s"),
    ]


def compiled(result):
    """Of submissions that are compiled."""
    c = result.get("compiled") or {}
    many, runs, header = c.get("many") or [], c.get("compiles") or {}, c.get("header") or {}
    return [
        at_most("Compiled: a C++ submission of 100 tests, compile steps", runs.get("first"), 1),
        at_most("Compiled: the same submission again, compile steps", runs.get("repeat"), 0),
        at_most("Compiled: 100 tests on one core, result included, over 100 bare fork+execs", max((m["ratio"] for m in many), default=None),
                2.5, "x"),
        at_most("Compiled: g++ with the precompiled header over g++ without, cpu", header.get("ratio"), .5, "x"),
    ]


def inside(result):
    """Of native boxes in a container that is the service's."""
    found = result.get("inside")
    return [at_most("Native box inside a container: over outside", found and found["ratio"], 1.15, "x", found is not None)]


def judge(result):
    x = Result(result)
    found = [*_latency(x), *_throughput(x), *_memory(x), *compiled(result), *inside(result), *service(result), *queue(result)]
    for limit, values in result["overruns"].items():
        found.append(at_most(f"Dead after {limit}, median", median(values), 10, " ms"))
        found.append(at_most(f"Dead after {limit}, p99", quantile(values, .99), 30, " ms"))
    return found
