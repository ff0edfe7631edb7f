#!/usr/bin/python3.11
# SPDX-License-Identifier: Apache-2.0
"""Boxes beside peers, in one run: everybody in turn, round after round, medians and ratios.

Usage: bench/bench.py [--build DIR] [--rounds N] [--json FILE] [--check]

Contenders that are not on this machine are named as absent, never guessed. --check fails when a promise
of the project does not hold (ratios only).
"""
import argparse
import json
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ENV = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
HELLO = "print('hello')"
BWRAP = ["/usr/bin/bwrap", "--unshare-all", "--die-with-parent", "--ro-bind", "/usr", "/usr",
         "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64",
         "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--"]

# crun refuses hybrid hosts: it is shown the v1 controllers alone, in a mount namespace made before the clock.
MASKED = ["/usr/bin/unshare", "--mount", "/bin/sh", "-c",
          'umount /sys/fs/cgroup/unified 2>/dev/null; exec "$@"', "masked"]


class Contender:
    """A process that runs one thing per line of its stdin, and answers with a line of JSON."""

    def __init__(self, name, argv):
        self.name = name
        self.answers = []
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENV, text=True)

    def turn(self, count=True):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"bench: {self.name} failed (exit {self.process.wait()})")
        answer = json.loads(line)
        if count:
            self.answers.append(answer)
        return answer

    def usec(self):
        return sorted(a["nsec"] / 1000 for a in self.answers)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def quantile(values, q):
    return values[min(len(values) - 1, int(len(values) * q))]


def oci_bundle(directory, argv):
    """A bundle whose root holds nothing but a read-only /usr, as our tree does."""
    root = os.path.join(directory, "rootfs")
    for name in ("usr", "proc", "dev", "tmp", "etc"):
        os.makedirs(os.path.join(root, name), exist_ok=True)
    for name in ("bin", "lib", "lib64", "sbin"):
        os.symlink("usr/" + name, os.path.join(root, name))
    spec = json.loads(subprocess.run(["runc", "spec", "--bundle", directory], env=ENV, check=True,
                                     capture_output=True, text=True).stdout or "null")
    with open(os.path.join(directory, "config.json"), encoding="utf-8") as f:
        spec = json.load(f)
    spec["process"].update({"terminal": False, "args": argv})
    spec["mounts"].append({"destination": "/usr", "type": "bind", "source": "/usr", "options": ["rbind", "ro"]})
    with open(os.path.join(directory, "config.json"), "w", encoding="utf-8") as f:
        json.dump(spec, f)


def peers(argv, spawn, directory, absent):
    """name -> argv of a stopwatch around each peer that works here."""
    found = {"bare fork+exec": [spawn, *argv]}
    candidates = {"bwrap": [*BWRAP, *argv]}
    if shutil.which("nsjail", path=ENV["PATH"]):
        candidates["nsjail"] = [shutil.which("nsjail", path=ENV["PATH"]), "-Mo", "-Q", "--chroot", "/", "--", *argv]
    else:
        absent.append("nsjail")
    for runtime in ("crun", "runc"):
        path = shutil.which(runtime, path=ENV["PATH"])
        if not path:
            absent.append(runtime)
            continue
        bundle = os.path.join(directory, runtime)
        os.makedirs(bundle)
        oci_bundle(bundle, argv)
        candidates[runtime] = [path, "run", "--bundle", bundle, f"bench-{os.getpid()}-{runtime}"]
    docker = subprocess.run(["docker", "image", "inspect", "debian:bookworm-slim"], env=ENV, capture_output=True) \
        if shutil.which("docker", path=ENV["PATH"]) else None
    if docker and docker.returncode == 0:
        candidates["docker run"] = [shutil.which("docker"), "run", "--rm", "--network=none",
                                    "debian:bookworm-slim", *argv]
    else:
        absent.append("docker run (no engine with debian:bookworm-slim answers)")
    for name, command in candidates.items():
        around = MASKED if name == "crun" else []
        proof = subprocess.run([*around, *command], env=ENV, capture_output=True)
        if proof.returncode == 0:
            found[name] = [*around, spawn, *command]
        else:
            said = (proof.stderr.decode(errors="replace").strip().splitlines() or ["failed"])[-1]
            absent.append(f"{name} (does not run here: {said[:100]})")
    return found


def race(title, argv, args, directory, absent):
    os.makedirs(directory)
    spawn = os.path.join(args.build, "bench-spawn")
    contenders = [Contender(n, a) for n, a in peers(argv, spawn, directory, absent).items()]
    contenders.insert(1, Contender("kodewar (native box)", [args.kodewar, "bench", "--lanes", "1", "--", *argv]))
    for c in contenders:
        for _ in range(5):
            c.turn(count=False)
    for _ in range(args.rounds):
        for c in contenders:
            c.turn()
    memory = service_memory(contenders[1].process.pid)
    for c in contenders:
        c.close()
    bare = statistics.median(contenders[0].usec())
    rows = [{"name": c.name, "p50_us": statistics.median(c.usec()), "p90_us": quantile(c.usec(), .9),
             "p99_us": quantile(c.usec(), .99), "ratio": statistics.median(c.usec()) / bare} for c in contenders]
    return {"title": title, "rounds": args.rounds, "rows": rows, "memory": memory}


def service_memory(gate):
    """Resident and proportional memory of gate, warden and launchers, KiB."""
    tasks, todo = [], [gate]
    while todo:
        pid = todo.pop()
        tasks.append(pid)
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
            todo += [int(p) for p in f.read().split()]
    total = {"Rss": 0, "Pss": 0}
    for pid in tasks:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
            for line in f:
                key, _, rest = line.partition(":")
                if key in total:
                    total[key] += int(rest.split()[0])
    return {"processes": len(tasks), "rss_kb": total["Rss"], "pss_kb": total["Pss"]}


EATER = """
import time, sys
blocks = []
while True:
    blocks.append(bytearray(1 << 20))
    sys.stdout.write('%d\\n' % time.monotonic_ns())
    sys.stdout.flush()
"""


def overruns(args):
    """How long after its limit a program is dead, milliseconds."""
    python = "/usr/bin/python3.11"
    cases = [
        ("cpu 100 ms", ["-L", "cpu_ms=100"], "while True: pass", lambda a: a["cpu_usec"] / 1e3 - 100),
        ("wall 100 ms", ["-L", "wall_ms=100"], "import time\ntime.sleep(60)", lambda a: a["wall_usec"] / 1e3 - 100),
        ("memory 32 MB", ["-L", "memory_kb=32768"], EATER, lambda a: (a["end_nsec"] - int(a["last_line"])) / 1e6),
    ]
    rows = []
    for name, limits, code, late in cases:
        c = Contender(name, [args.kodewar, "bench", "--lanes", "1", *limits, "--", python, "-S", "-c", code])
        c.turn(count=False)
        for _ in range(args.rounds // 4):
            c.turn()
        values = sorted(late(a) for a in c.answers)
        c.close()
        rows.append({"name": name, "p50_ms": statistics.median(values), "p99_ms": quantile(values, .99)})
    return rows


def show(result):
    for r in result["races"]:
        print(f"\n{r['title']} ({r['rounds']} rounds, in turn)")
        print(f"  {'':24} {'p50 us':>9} {'p90 us':>9} {'p99 us':>9} {'x bare':>8}")
        for row in r["rows"]:
            print(f"  {row['name']:24} {row['p50_us']:9.0f} {row['p90_us']:9.0f} {row['p99_us']:9.0f} "
                  f"{row['ratio']:8.2f}")
    print("\nDead after a limit was exceeded")
    for row in result["overruns"]:
        print(f"  {row['name']:24} p50 {row['p50_ms']:6.2f} ms   p99 {row['p99_ms']:6.2f} ms")
    m = result["races"][0]["memory"]
    print(f"\nIdle memory of {m['processes']} service processes: {m['pss_kb'] / 1024:.1f} MB proportional, "
          f"{m['rss_kb'] / 1024:.1f} MB resident")
    for name in result["absent"]:
        print(f"absent: {name}")


def promises(result):
    """What must hold, as (text, held)."""
    true_race = result["races"][0]["rows"]
    by_name = {r["name"]: r for r in true_race}
    ours = by_name["kodewar (native box)"]
    yield f"/bin/true boxed at most 2.2x bare: {ours['ratio']:.2f}", ours["ratio"] <= 2.2
    for name, row in by_name.items():
        if name not in ("bare fork+exec", ours["name"]):
            yield f"/bin/true boxed below {name}: {ours['ratio']:.2f} < {row['ratio']:.2f}", \
                ours["ratio"] < row["ratio"]
    for row in result["overruns"]:
        yield f"{row['name']}: dead within 10 ms (median): {row['p50_ms']:.2f}", row["p50_ms"] <= 10
        yield f"{row['name']}: dead within 30 ms (p99): {row['p99_ms']:.2f}", row["p99_ms"] <= 30
    memory = result["races"][0]["memory"]["pss_kb"] / 1024
    yield f"idle service below 10 MB: {memory:.1f}", memory < 10


def main():
    top = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    p = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    p.add_argument("--build", default=os.path.join(top, "build"))
    p.add_argument("--rounds", type=int, default=200)
    p.add_argument("--json")
    p.add_argument("--check", action="store_true")
    args = p.parse_args()
    args.kodewar = os.path.join(args.build, "kodewar")
    absent = []
    print(f"{platform.machine()}, Linux {platform.release()}, {os.cpu_count()} cpus, "
          f"{time.strftime('%Y-%m-%d')}")
    with tempfile.TemporaryDirectory(prefix="kodewar-bench-") as directory:
        result = {"races": [
            race("/bin/true", ["/bin/true"], args, os.path.join(directory, "true"), absent),
            race("Python hello, cold", ["/usr/bin/python3.11", "-c", HELLO], args,
                 os.path.join(directory, "python"), [])],
            "overruns": overruns(args), "absent": absent}
    show(result)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump(result, f, indent=1)
    held = list(promises(result))
    print("\nPromises")
    for text, ok in held:
        print(f"  {'ok    ' if ok else 'BROKEN'} {text}")
    return 1 if args.check and not all(ok for _, ok in held) else 0


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main())
