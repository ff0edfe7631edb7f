# SPDX-License-Identifier: Apache-2.0
"""What there is of everything that could leak, when nothing runs; two such moments compared.

One look shows what comes and goes as well: a count to compare with is taken where it stands still (`steady`), and
what is compared with it may take its time to come back (`settles`).
"""
import collections
import os
import pathlib
import time


def seen(measure):
    """What it gives, or None: who looks while things change finds some of them gone."""
    try:
        return measure()
    except (OSError, LookupError):
        return None


def until(what, timeout=30):
    """What it is, once it is true."""
    end = time.monotonic() + timeout
    while not (found := seen(what)):
        assert time.monotonic() < end, f"it never came about: {what()}"
        time.sleep(0.002)
    return found


def steady(measure, times=6, timeout=10):
    """What `measure` gives several times in a row."""
    end, last, same = time.monotonic() + timeout, None, 0
    while same < times:
        assert time.monotonic() < end, f"it never stood still: {last or measure()}"
        now = seen(measure)
        same, last = (same + 1 if now == last else 1) if now is not None else 0, now
        time.sleep(0.02)
    return last


def settles(measure, right, timeout=10):
    """Cleaning comes after the answer: what `measure` gives once it is `right`, or in the end."""
    end = time.monotonic() + timeout
    while (value := seen(measure)) is None or not right(value):
        if time.monotonic() >= end:
            return measure()
        time.sleep(0.01)
    return value


def number_in(path, name):
    with open(path) as f:
        return next(int(line.split()[1]) for line in f if line.startswith(name))


def mappings(pid):
    """What /proc/PID/smaps says in numbers, by name, of each mapping."""
    for line in pathlib.Path(f"/proc/{pid}/smaps").read_text().splitlines():
        name, value = line.split()[:2]
        if not name.endswith(":"):
            found = {}
        elif value.isdigit():
            found[name[:-1]] = int(value)
        elif name == "VmFlags:":
            yield found


def waiting(r, lanes):
    """The processes of lanes that all wait."""
    found = r.processes("launcher", "init", "program", "python", "javascript")
    kinds = collections.Counter(p.kind for p in found)
    if kinds["init"] != lanes or kinds["launcher"] != lanes or kinds["python"] not in (0, lanes) or \
            kinds["javascript"] not in (0, lanes):
        raise LookupError(f"not all lanes wait: {kinds}")
    return found


def counts(r, lanes):
    """Of everything that could leak and that is counted."""
    found = waiting(r, lanes)
    kinds = collections.Counter(p.kind for p in found)
    launchers = [p.pid for p in found if p.kind == "launcher"]
    spaces = {os.readlink(f"/proc/{p.pid}/ns/{kind}") for p in found for kind in ("mnt", "ipc", "pid", "uts", "net", "user", "cgroup")}
    warden = r.warden()
    slot = slot_of(warden)
    return {
        "processes": {k: n for k, n in kinds.items() if k != "program"},
        "namespaces": len(spaces) - 2 * kinds["program"],  # one that waits has a user and a cgroup namespace of its own
        "mounts": [len(pathlib.Path(f"/proc/{p}/mountinfo").read_text().splitlines()) for p in launchers],
        "sockets": [len(pathlib.Path(f"/proc/{p}/net/unix").read_text().splitlines()) for p in launchers],
        "cgroups": sorted(str(p).replace(f"slot-{slot}", "slot") for p in pathlib.Path("/sys/fs/cgroup").glob(f"**/kodewar/slot-{slot}/*/")),
        "descriptors": {"gate": len(os.listdir(f"/proc/{r.pid}/fd")), "warden": len(os.listdir(f"/proc/{warden}/fd")),
                        "launchers": sum(len(os.listdir(f"/proc/{p}/fd")) for p in launchers),
                        "zygotes": sum(len(os.listdir(f"/proc/{p.pid}/fd")) for p in found if p.kind in ("python", "javascript"))},
    }


def memory(r, lanes):
    found, warden = waiting(r, lanes), r.warden()

    def pss(*kinds):
        return sum(number_in(f"/proc/{p.pid}/smaps_rollup", "Pss:") for p in found if p.kind in kinds)
    return {"gate": number_in(f"/proc/{r.pid}/status", "VmRSS"), "warden": number_in(f"/proc/{warden}/status", "VmRSS"),
            "launchers": pss("launcher"), "zygotes": pss("python", "javascript")}


def quiet_state(r, lanes):
    """When all lanes wait, and what there is stands still."""
    end = time.monotonic() + 20
    while True:
        found = steady(lambda: counts(r, lanes), times=4)
        if kb := seen(lambda: memory(r, lanes)):
            return {**found, "kb": kb}
        assert time.monotonic() < end, found  # one was replaced meanwhile


def slot_of(warden):
    """The warden holds the lock of its slot."""
    for fd in os.listdir(f"/proc/{warden}/fd"):
        name = os.readlink(f"/proc/{warden}/fd/{fd}")
        if name.startswith("/run/kodewar/slot-"):
            return name.removeprefix("/run/kodewar/slot-").removesuffix(".lock")
    raise AssertionError("the warden holds no slot")


# What may differ between two quiet moments: pages that were touched first, a box more or less in the making.
SLACK = {"descriptors": {"gate": 4, "warden": 12, "launchers": 4, "zygotes": 4},
         "kb": {"gate": 2048, "warden": 512, "launchers": 1024, "zygotes": 16384}}


def growth(before, after, zygotes_kb):
    for what, slack in SLACK.items():
        for of, room in slack.items():
            room = zygotes_kb if (what, of) == ("kb", "zygotes") else room
            if after[what][of] > before[what][of] + room:
                yield what, of, before[what], after[what]
    for what in ("processes", "mounts", "sockets", "cgroups"):
        if after[what] != before[what]:
            yield what, before[what], after[what]
    if after["namespaces"] > before["namespaces"] + 2:
        yield "namespaces", before["namespaces"], after["namespaces"]


def nothing_grew(before, measure, zygotes_kb=SLACK["kb"]["zygotes"], timeout=20):
    """`measure` is asked again while it shows more than before: what is still being given back has not leaked."""
    end = time.monotonic() + timeout
    while found := list(growth(before, after := measure(), zygotes_kb)):
        assert time.monotonic() < end, found
        time.sleep(0.1)
    return after
