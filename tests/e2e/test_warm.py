# SPDX-License-Identifier: Apache-2.0
"""Warm runners when something kills their parts, and when programs leave as much behind as they can.

What is promised: who kills a zygote, a launcher, or a box that waits costs warmth for a moment and never a job;
a zygote that is stopped costs the box that asked it 20 seconds, which is then made cold, and is replaced.
"""
import os
import pathlib
import random
import signal
import sys
import time

import pytest

from command_line import ROOT
from quiet import mappings, settles, steady, until
from resident import Resident

sys.path.insert(0, str(ROOT / "tests/hostile"))

import host  # noqa: E402

SEED = int(os.environ.get("WARM_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 31)
RUNS = 500
HUGE_PAGES = pathlib.Path("/sys/kernel/mm/transparent_hugepage/enabled")


@pytest.fixture(scope="module", autouse=True)
def apart(as_root):
    host.stand_apart()


@pytest.fixture
def resident():
    """Starts one; at the end of the test it must end well, and leave nothing."""
    before, started = host.Census(), []

    def start(*options):
        started.append(Resident(*options))
        return started[-1]

    yield start
    for r in started:
        r.close()
    wrong = before.faults()
    assert not wrong, "\n".join(wrong)


def kill(process, sig=signal.SIGKILL):
    try:
        os.kill(process.pid, sig)
    except ProcessLookupError:
        pass


def is_warm_again(r, language, runner):
    """Within 20 s none of many is cold, and one at least is of this runner: when a pool is full is nobody's promise."""
    def none_cold():
        seen = {r.ask_number(language)["runner"] for _ in range(20)}
        return runner in seen and "cold" not in seen
    until(none_cold)


def kill_while_running(r, languages, kinds, rng):
    """One of them after every few answers; every request has its own answer nevertheless. How many were killed."""
    killed, answered = 0, len(r.answers)  # counted before the first of them can be answered
    last, feeder = answered + len(languages), r.feed(languages)
    while answered < last:
        answered = min(last, answered + rng.randrange(5, 40))
        r.wait(answered, 60)
        victims = r.processes(*kinds)
        if victims and answered < last:
            time.sleep(rng.uniform(0, 0.002))  # at any moment of a box's life
            kill(rng.choice(victims))
            killed += 1
    feeder.join()
    assert not r.wrong(), f"seed {SEED}: {r.wrong()[:3]}"
    return killed


@pytest.mark.parametrize("runner", ["warm", "pooled"])
@pytest.mark.parametrize("language", ["python", "javascript"])
def test_zygotes_killed_in_flight_cost_no_job(resident, language, runner):
    r = resident("--runner", runner, "--lanes", 2, "--in-flight", 4)
    assert r.ask_number(language)["runner"] in (runner, "warm")
    assert kill_while_running(r, [language] * RUNS, [language], random.Random(SEED)) > 5
    assert any(a["runner"] != "cold" for n, a in r.answers.items() if n > RUNS / 2), "they never came back"
    is_warm_again(r, language, runner)


@pytest.mark.parametrize("runner", ["warm", "pooled"])
def test_launchers_killed_in_flight_cost_no_job(resident, runner):
    r = resident("--runner", runner, "--lanes", 2, "--in-flight", 4)
    for language in ("python", "javascript"):
        r.ask_number(language)
    rng = random.Random(SEED)
    mixed = [rng.choice(["python", "javascript"]) for _ in range(RUNS)]
    assert kill_while_running(r, mixed, ["launcher"], rng) > 5
    for language in ("python", "javascript"):
        is_warm_again(r, language, runner)


@pytest.mark.parametrize("kind", ["program", "init"])
@pytest.mark.parametrize("language", ["python", "javascript"])
def test_a_box_that_waits_and_is_killed_costs_nothing(resident, language, kind):
    """The next order comes at once, at any moment of the box's death."""
    r = resident("--runner", "pooled", "--lanes", 1, "--in-flight", 1)
    rng = random.Random(SEED)
    r.ask_number(language)
    for _ in range(30):
        kill(until(lambda: r.processes("program") and r.processes(kind))[0])
        time.sleep(rng.choice([0, 0, rng.uniform(0, 0.003)]))
        answer = r.ask_number(language)
        assert answer["verdict"] == "accepted", answer
    assert not r.wrong()
    until(lambda: r.ask_number(language)["runner"] == "pooled")


def test_a_stopped_zygote_costs_one_box_20_seconds(resident):
    r = resident("--runner", "warm", "--lanes", 1, "--in-flight", 1)
    assert r.ask_number("python")["runner"] == "warm"
    stopped = r.processes("python")[0]
    kill(stopped, signal.SIGSTOP)
    begun = time.monotonic()
    answer = r.ask_number("python")
    assert (answer["verdict"], answer["runner"]) == ("accepted", "cold"), answer
    assert time.monotonic() - begun < 30
    assert answer["usage"]["wall_ms"] < 5000, "that time is not the program's"
    is_warm_again(r, "python", "warm")
    assert stopped.pid not in [p.pid for p in r.processes("python")]
    assert not r.wrong()


# ---- a lane's reset ----

LEAVE = r"""
import ctypes, mmap, os, socket, struct, sys, time
libc = ctypes.CDLL(None, use_errno=True)
said = []
def leave(what, f):
    try:
        f()
        said.append(what)
    except OSError:
        pass
def ipc(number, *args):
    if libc.syscall(number, *args) < 0:
        raise OSError(ctypes.get_errno(), "ipc")
def fill(path, size):
    with open(path, "wb") as f:
        f.write(b"kept" * (size // 4))
def listen(address):
    s = socket.socket(socket.AF_UNIX)
    s.bind(address)
    s.listen()
    kept.append(s)
def stay():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for fd in range(3):
                os.close(fd)
            time.sleep(3600)
        os._exit(0)
def memory():
    m = mmap.mmap(-1, 8 << 20)
    m.write(b"kept" * (2 << 20))
    kept.append(m)
def memory_file():
    fd = os.memfd_create("kept")
    os.write(fd, b"kept" * (1 << 20))
    a, b = socket.socketpair()
    socket.send_fds(a, [b"x"], [fd, a.fileno(), b.fileno()])  # held by the socket, and the socket by itself
kept = []
for d in ("/box", "/tmp", "/dev/shm"):
    leave("file", lambda: fill(d + "/kept", 8 << 20))
    leave("directories", lambda: [os.mkdir(d + "/" + "d" * n) for n in range(1, 100)])
leave("shm", lambda: ipc(29, 77, 4 << 20, 0o1666))
leave("sem", lambda: ipc(64, 77, 4, 0o1666))
leave("msg", lambda: ipc(68, 77, 0o1666))
leave("abstract", lambda: listen("\0kept"))
leave("socket", lambda: listen("/tmp/kept.sock"))
leave("memory", memory)
leave("memory file", memory_file)
for _ in range(10):
    leave("process", stay)
for number, args in ((248, (b"user", b"kept", b"kept", 4, -4)), (165, (b"none", b"/tmp", b"tmpfs", 0, 0)), (272, (0x20000,))):
    leave(str(number), lambda: ipc(number, *args))  # add_key, mount, unshare: none of them works
leave("name", lambda: socket.sethostname("kept"))
leave("nice", lambda: os.nice(5))
os.umask(0)
print(" ".join(sorted(set(said))))
"""
LEFT = "abstract directories file memory memory file nice process shm socket"  # what the profile lets one leave

LOOK = r"""
import ctypes, os, socket
libc = ctypes.CDLL(None, use_errno=True)
found = []
for d in ("/box", "/tmp", "/dev/shm"):
    found += [f"{d}/{n}" for n in os.listdir(d) if n != "main.py" and not (d != "/box" and n == "main.py")]
for name, number, args in (("shm", 29, (77, 4096, 0)), ("sem", 64, (77, 4, 0)), ("msg", 68, (77, 0))):
    if libc.syscall(number, *args) >= 0:
        found.append(name)
s = socket.socket(socket.AF_UNIX)
if s.connect_ex("\0kept") == 0:
    found.append("abstract")
found += [f"process {p}" for p in os.listdir("/proc") if p.isdigit() and int(p) not in (1, os.getpid())]
umask = os.umask(0)
if (umask, os.nice(0), socket.gethostname()) != (0o022, 0, "kodewar"):
    found.append(f"umask {umask:o}, nice {os.nice(0)}, {socket.gethostname()}")
print(found)
"""


def leaf_of(pid):
    """Directories of the cgroups that a waiting init is in: one for each hierarchy, or the one of v2."""
    found = []
    with open(f"/proc/{pid}/cgroup") as f:
        for line in f:
            _, names, path = line.rstrip("\n").split(":", 2)
            top = "/sys/fs/cgroup" + ("/" + names.removeprefix("name=") if names else "")
            if "kodewar" in path and os.path.isdir(top + path):
                found.append(pathlib.Path(top + path))
    return found


def charged(r):
    """Bytes that are charged to the leaf of a lane that waits."""
    (init,) = until(lambda: len(found := r.processes("init")) == 1 and found)
    return sum(int((leaf / name).read_text()) for leaf in leaf_of(init.pid)
               for name in ("memory.usage_in_bytes", "memory.current") if (leaf / name).exists())


def lane_state(r):
    """What a lane is when it waits: its processes, namespaces, mounts, sockets."""
    until(lambda: len(r.processes("init")) == 1 and r.processes("launcher"))
    launcher, init = r.processes("launcher")[0].pid, r.processes("init")[0].pid
    inside, tasks = {p.pid for p in r.processes("init", "program")}, set()
    for leaf in leaf_of(init):
        tasks |= set(map(int, (leaf / "cgroup.procs").read_text().split()))
    # What the programs of a box were in lives in nobody else: it is counted by its namespaces.
    spaces = {kind: {os.readlink(f"/proc/{p.pid}/ns/{kind}") for p in r.processes("launcher", "init", "program", "python")}
              for kind in ("mnt", "ipc", "pid", "uts", "net", "user")}
    return {"strangers in the leaf": tasks - inside,
            "mounts of the lane": pathlib.Path(f"/proc/{launcher}/mountinfo").read_text(),
            "sockets of the lane": len(pathlib.Path(f"/proc/{launcher}/net/unix").read_text().splitlines()),
            "namespaces": {kind: len(names) for kind, names in spaces.items()},
            "keys": host.box_keys(), "ipc objects": host.ipc_objects()}


@pytest.mark.parametrize("runner", ["cold", "warm", "pooled"])
def test_a_lane_is_reset_between_boxes(resident, runner):
    r = resident("--runner", runner, "--lanes", 1, "--in-flight", 1)
    quiet = {"language": "python", "code": "print('quiet')"}
    for _ in range(3):
        assert r.ask(**quiet)["output"] == "quiet\n"
    before, bytes_before = steady(lambda: lane_state(r)), charged(r)
    for _ in range(3):
        answer = r.ask(language="python", code=LEAVE)
        assert (answer["verdict"], answer["output"].strip()) == ("accepted", LEFT), answer
        seen = r.ask(language="python", code=LOOK)
        assert (seen["verdict"], seen["output"]) == ("accepted", "[]\n"), seen
        assert seen["runner"] in (runner, "warm"), "the lane was replaced rather than cleaned"
    assert r.ask(**quiet)["output"] == "quiet\n"
    until(lambda: charged(r) <= bytes_before + (1 << 20))
    assert settles(lambda: lane_state(r), lambda now: now == before) == before


def test_a_lane_that_was_idle_is_as_quick_as_before(resident):
    """What the kernel's lagging statistics still show of a box long gone is no reason to wait for them."""
    r = resident("--runner", "warm", "--lanes", 1, "--in-flight", 1)
    cases = [{"input": str(n), "expected": str(n * n)} for n in range(60)]
    begun = [r.ask(language="python", code="print(int(input()) ** 2)", test_cases=cases)["nsec"] for _ in range(2)]
    time.sleep(11)  # a charge is in doubt for ten seconds
    again = [r.ask(language="python", code="print(int(input()) ** 2)", test_cases=cases)["nsec"] for _ in range(2)]
    assert max(again) < 8 * max(begun), (begun, again)


MAPPED = """
import collections, decimal
modes = collections.defaultdict(list)
for line in open("/proc/self/maps"):
    words = line.split()
    if words[-1].endswith(".so") or ".so." in words[-1]:
        modes[words[-1]].append(words[1])
print(set(map(tuple, modes.values())), any("_decimal" in name for name in modes), any("libc.so" in name for name in modes))
"""


def test_a_library_that_was_loaded_ahead_is_text_and_data(resident):
    """Each fork copies mappings one by one: five of each library are a tenth of its cost where many are loaded."""
    r = resident("--runner", "warm", "--lanes", 1, "--in-flight", 1)
    answer = r.ask(language="python", code=MAPPED)
    assert (answer["runner"], answer["output"]) == ("warm", "{('r-xp', 'rw-p')} True True\n"), answer


@pytest.mark.parametrize("runner", ["cold", "warm", "pooled"])
def test_how_long_a_program_waited_is_known(resident, runner):
    r = resident("--runner", runner, "--lanes", 1, "--in-flight", 1)
    until(lambda: r.ask_number("python")["runner"] == runner)
    noise = r.ask(language="python", code="print(1)", test_cases=[{"input": "", "expected": "1"}])["test_results"][0]["noise"]
    assert noise["waited_ms"] is not None, noise


YOUNG = """
const young = require('v8').getHeapSpaceStatistics().find((space) => space.space_name === 'new_space');
console.log(young.space_used_size < young.space_available_size / 2);
"""


def test_a_node_program_has_the_young_generation_before_it(resident):
    """What the warm-up left of it was a fifth, and a program's first collection, with threads to start, was close."""
    r = resident("--runner", "warm", "--lanes", 1, "--in-flight", 1)
    answer = r.ask(language="javascript", code=YOUNG)
    assert (answer["runner"], answer["output"]) == ("warm", "true\n"), answer


def large_mappings(resident, language):
    """Of a zygote after some boxes, those of which 1 MB and more is written or a copy, with the largest first."""
    r = resident("--runner", "warm", "--lanes", 1)
    for _ in range(20):
        assert r.ask_number(language)["runner"] == "warm"
    (zygote,) = r.processes(language)
    return sorted((m for m in mappings(zygote.pid) if m["Anonymous"] >= 1024), key=lambda m: -m["Anonymous"])


@pytest.mark.skipif(not HUGE_PAGES.exists() or "[never]" in HUGE_PAGES.read_text(), reason="no huge pages here")
@pytest.mark.parametrize("language, count", [("python", 3), ("javascript", 2)])
def test_a_zygotes_huge_pages_stay_whole(resident, language, count):
    """Text, data and heap of Python, code and V8's heap of Node. Each fork copies the entries of small ones: nothing that
    a zygote writes between forks may lie in a huge one.

    Where the kernel has put the break into the data's last huge page, one start in seventy, it never was one."""
    def whole():
        found = large_mappings(resident, language)[:count]
        return len(found) == count and all(m["AnonHugePages"] == m["Anonymous"] for m in found)
    assert any(whole() for _ in range(3))
