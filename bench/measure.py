# SPDX-License-Identifier: Apache-2.0
"""What every measurement is made of: the clean environment, processes looked at, numbers summed up."""
import os
import statistics
import time

ENV = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/root"}
TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAMS = os.path.join(TOP, "bench", "programs")
PEERS = os.path.join(TOP, "build-peers")  # where tools/bench-peers puts what Debian does not package
PYTHON = "/usr/bin/python3.11"
NODE = "/usr/bin/node"
# Before a daemon's words: however this script ends, the daemon is told to.
DIES_WITH_US = ("/usr/bin/setpriv", "--pdeathsig", "TERM")
CORES = len(os.sched_getaffinity(0))
TICK = os.sysconf("SC_CLK_TCK")


class Absent(Exception):
    """A contender that cannot take part here; its text says why."""


def find(name):
    """The path of a program on the clean PATH, in build-peers/bin or on KODEWAR_BENCH_PATH; None where absent."""
    for directory in [os.path.join(PEERS, "bin"), *os.environ.get("KODEWAR_BENCH_PATH", "").split(":"),
                      *ENV["PATH"].split(":")]:
        path = os.path.join(directory, name)
        if directory and os.access(path, os.X_OK):
            return path
    return None


def median(values):
    return statistics.median(values)


def quantile(values, q):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * q))]


def tree(pid):
    """PID and everything below it."""
    found, todo = [], [pid]
    while todo:
        p = todo.pop()
        found.append(p)
        try:
            for task in os.listdir(f"/proc/{p}/task"):
                with open(f"/proc/{p}/task/{task}/children", encoding="ascii") as f:
                    todo += [int(child) for child in f.read().split()]
        except OSError:
            pass  # it has ended since
    return found


def tree_cpu_usec(pid):
    """Cpu time of a tree, with that of all children that were waited for in it."""
    total = 0
    for p in tree(pid):
        try:
            with open(f"/proc/{p}/stat", encoding="ascii", errors="replace") as f:
                total += sum(int(n) for n in f.read().rpartition(")")[2].split()[11:15])
        except OSError:
            pass
    return total * 1e6 / TICK


def memory(pid):
    """Memory of one process, KiB: resident, proportional, and what it shares with nobody; None when it has ended."""
    found = {"Own": 0}
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
            for line in f:
                key, _, rest = line.partition(":")
                if key in ("Pss", "Rss"):
                    found[key] = int(rest.split()[0])
                elif key in ("Private_Clean", "Private_Dirty", "Private_Hugetlb"):
                    found["Own"] += int(rest.split()[0])
    except OSError:
        return None
    return found if "Pss" in found else None


def comm(pid):
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as f:
            return f.read().strip()
    except OSError:
        return ""


def hang_up(process):
    """Close its stdin, which may have words in it that nobody reads any more, and reap it: its exit code."""
    try:
        process.stdin.close()
    except BrokenPipeError:
        pass
    return process.wait()


def wait_until(condition, seconds, what):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise Absent(f"{what}: nothing after {seconds} s")
        time.sleep(.02)


def _idle_ticks():
    with open("/proc/stat", encoding="ascii") as f:
        fields = [int(n) for n in f.readline().split()[1:]]
    return fields[3] + fields[4]


def quiet(seconds, share=.8):
    """Waits until half a second passes in which the processors were idle for that SHARE of it; False: they never were."""
    end = time.monotonic() + seconds
    while True:
        before, begun = _idle_ticks(), time.monotonic()
        time.sleep(.5)
        if (_idle_ticks() - before) / TICK >= share * (time.monotonic() - begun) * (os.cpu_count() or 1):
            return True
        if time.monotonic() > end:
            return False


def remove_cgroups(name):
    """Empty control groups called NAME, left behind by a peer that has ended, in every hierarchy."""
    base = "/sys/fs/cgroup"
    for root in [base, *(os.path.join(base, d) for d in sorted(os.listdir(base)))]:
        for directory, _, _ in os.walk(os.path.join(root, name), topdown=False):
            try:
                os.rmdir(directory)
            except OSError:
                pass
