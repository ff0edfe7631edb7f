# SPDX-License-Identifier: Apache-2.0
"""What there is of everything that could leak, when nothing runs; two such moments compared."""
import collections
import os
import pathlib
import time


def until(what, timeout=30):
    end = time.monotonic() + timeout
    while not what():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.001)


def number_in(path, name):
    with open(path) as f:
        return next(int(line.split()[1]) for line in f if line.startswith(name))


def quiet_state(r, lanes):
    """When all lanes wait: what there is of everything that could leak."""
    end = time.monotonic() + 10
    while True:
        found = [p for p in r.processes("launcher", "init", "program", "python", "javascript")]
        kinds = collections.Counter(p.kind for p in found)
        if kinds["init"] == lanes and kinds["launcher"] == lanes and kinds["python"] in (0, lanes) and \
                kinds["javascript"] in (0, lanes):
            break
        assert time.monotonic() < end, kinds
        time.sleep(0.02)
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
        "kb": {"gate": number_in(f"/proc/{r.pid}/status", "VmRSS"), "warden": number_in(f"/proc/{warden}/status", "VmRSS"),
               "launchers": sum(number_in(f"/proc/{p}/smaps_rollup", "Pss:") for p in launchers),
               "zygotes": sum(number_in(f"/proc/{p.pid}/smaps_rollup", "Pss:") for p in found if p.kind in ("python", "javascript"))},
    }


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


def nothing_grew(before, after, zygotes_kb=SLACK["kb"]["zygotes"]):
    for what, slack in SLACK.items():
        for of, room in slack.items():
            room = zygotes_kb if (what, of) == ("kb", "zygotes") else room
            assert after[what][of] <= before[what][of] + room, (what, of, before[what], after[what])
    for what in ("processes", "mounts", "sockets", "cgroups"):
        assert after[what] == before[what], (what, before[what], after[what])
    assert after["namespaces"] <= before["namespaces"] + 2, (before["namespaces"], after["namespaces"])
