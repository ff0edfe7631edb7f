# SPDX-License-Identifier: Apache-2.0
"""Boxes without root, in what a container gives: its own cgroup to read, and nothing to write (tests/e2e/lent.py).

The other way, a cgroup that was given to a user, needs a hierarchy of version 2: tests/e2e/test_cgroup2_vm.py."""
import json
import subprocess
import time

import pytest

import command_line
import lent

pytestmark = pytest.mark.skipif(not lent.possible(), reason="needs root and cgroup v1")
PYTHON = {"language": "python"}
SQUARE = {**PYTHON, "code": "print(int(input()) ** 2)"}
FORKS = "import os, time\nfor _ in range(%d):\n    if os.fork() == 0:\n        time.sleep(%s)\n        os._exit(0)\n"
CHILD = ("import os\nif os.fork() == 0:\n    kept = b'x' * (200 << 20)\n    os._exit(0)\n"
         "os.wait()\nprint('the right answer')")
MOUNT = "import ctypes\nctypes.CDLL(None).mount(b'a', b'/tmp', b'tmpfs', 0, None)\nprint(1)"
C = "#include <stdio.h>\nint main(void) { int n; return scanf(\"%d\", &n) != 1 || printf(\"%d\\n\", n * n) < 0; }"
LEAVES = ("import os\nos.write(os.open('mine', os.O_CREAT | os.O_WRONLY, 0o600), b'mine')\nos.symlink('/etc/passwd', 'link')\n"
          "open('locked', 'w').close()\nos.chmod('locked', 0)\nif os.fork() == 0:\n    while True: os.utime('mine')\n")
SMALL = {"memory_kb": 65536}
ASKED = {  # name: (request, verdict)
    "honest": ({**SQUARE, "test_cases": [{"input": "7", "expected": "49"}]}, "accepted"),
    "wrong": ({**SQUARE, "test_cases": [{"input": "8", "expected": "63"}]}, "wrong_answer"),
    "fits": ({**PYTHON, "code": "print(len(b'x' * (40 << 20)))", "limits": SMALL}, "accepted"),
    "memory": ({**PYTHON, "code": "kept = b'x' * (200 << 20)", "limits": SMALL}, "memory_limit"),
    "memory_child": ({**PYTHON, "code": CHILD, "limits": SMALL}, "memory_limit"),
    "files": ({**PYTHON, "code": "open('/dev/shm/a', 'wb').write(b'x' * (60 << 20))", "limits": {"memory_kb": 32768}},
              "memory_limit"),
    "processes": ({**PYTHON, "code": FORKS % (40, 60), "limits": {"processes": 8}}, "process_limit"),
    "processes_fit": ({**PYTHON, "code": FORKS % (7, 0.1) + "print(1)", "limits": {"processes": 8}}, "accepted"),
    "cpu": ({**PYTHON, "code": "while True: pass", "limits": {"cpu_ms": 300}}, "time_limit"),
    "wall": ({**PYTHON, "code": "import time\ntime.sleep(60)", "limits": {"wall_ms": 300}}, "time_limit"),
    "output": ({**PYTHON, "code": "while True: print('x' * 4096)", "limits": {"output_bytes": 65536}}, "output_limit"),
    "compiled": ({"code": C, "language": "c", "test_cases": [{"input": "9", "expected": "81"}]}, "accepted"),
    "denied": ({**PYTHON, "code": MOUNT}, "accepted"),
    "left": ({**PYTHON, "code": LEAVES, "output_files": ["mine", "link", "locked"]}, "accepted"),
}
# A program that is init's equal by its uid, and must not get hold of it.
EQUAL = """
import os, signal
tried = []
for what, attempt in {
    "memory": lambda: open("/proc/1/mem", "rb"),
    "environment": lambda: open("/proc/1/environ", "rb").read(1),
    "root": lambda: os.listdir("/proc/1/root/"),
    "descriptors": lambda: os.listdir("/proc/1/fd"),
    "mode": lambda: os.chmod("/etc/passwd", 0o777),
    "file": lambda: open("/etc/new", "w"),
    "device": lambda: os.chmod("/dev/null", 0),
    "map": lambda: open("/proc/self/uid_map", "w"),
    "groups": lambda: os.setgroups([]),
    "root inside": lambda: os.setuid(0),
}.items():
    try:
        attempt()
        tried.append(what)
    except OSError:
        pass
for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM):
    try:
        os.kill(1, number)
    except OSError:
        pass
print(os.getuid(), os.getpid(), tried)
"""


@pytest.fixture(scope="module", name="group")
def fixture_group():
    with lent.Group() as group:
        yield group


@pytest.fixture(scope="module", name="answers")
def fixture_answers(group):
    lines = "".join(json.dumps(request) + "\n" for request, _ in ASKED.values())
    done = group.kodewar("bench", "--requests", "--runner", "cold", "--in-flight", "1", stdin=lines)
    assert done.returncode == 0, done.stderr
    return {name: json.loads(line) for name, line in zip(ASKED, done.stdout.splitlines(), strict=True)}


@pytest.mark.parametrize("name", ASKED)
def test_verdicts(answers, name):
    assert answers[name]["verdict"] == ASKED[name][1], answers[name]["error"]


def test_the_evidence_is_what_was_seen(answers):
    assert answers["memory"]["limits_hit"] == answers["memory_child"]["limits_hit"] == ["memory_kb"]
    assert 65536 < answers["memory"]["usage"]["memory_kb"] < 400000
    assert 40000 < answers["fits"]["usage"]["memory_kb"] < 60000
    assert answers["processes"]["error"].startswith("Process limit exceeded: 8 processes and threads allowed, all of them")
    assert {"name": "mount", "count": 1} in answers["denied"]["denied_syscalls"]


def test_files_are_taken(answers):
    assert answers["left"]["files"] == {"mine": "mine"}
    assert answers["left"]["files_missing"] == {"link": "not_plain", "locked": "unreadable"}


def test_doctor_tells_what_holds_and_what_is_lacked(group):
    done = group.kodewar("doctor", "--json")
    report = json.loads(done.stdout)
    layers = {layer["layer"]: layer for layer in report["layers"]}
    assert {n for n, layer in layers.items() if layer["state"] != "ok"} - {"landlock"} == {"cgroup-cpu", "cgroup-io"}
    assert not layers["cgroup-cpu"]["required"] and layers["cgroup-memory"]["required"]
    assert "rootless in a borrowed cgroup: 1 lane" in report["host"] and len(report["lacks"]) == 5
    assert done.returncode == 1


def test_an_equal_of_init_gets_no_hold_of_it(group):
    done = group.kodewar("run", "-", stdin=json.dumps({**PYTHON, "code": EQUAL}))
    result = json.loads(done.stdout)
    assert (result["output"], result["verdict"]) == ("1000 2 []\n", "accepted"), result["error"]


@pytest.mark.parametrize("language,code", [("python", "print(6 * 7)"), ("javascript", "console.log(6 * 7)")])
def test_warm_runners_serve(group, language, code):
    body = json.dumps({"language": language, "code": code, "test_cases": [{"input": "", "expected": "42"}] * 9})
    result = json.loads(group.kodewar("run", "-", stdin=body).stdout)
    assert result["verdict"] == "accepted", result["error"]
    rows = {row["language"]: row["state"] for row in json.loads(command_line.kodewar("doctor", "--json").stdout)["runners"]}
    # A lane is clean at once here, and on a busy host a zygote may be caught with an answer's descriptor: it is replaced then.
    assert rows[language] != "ok" or "warm" in {case["runner"] for case in result["test_results"]}


def test_more_than_the_container_has_is_refused_by_its_field(group):
    done = group.kodewar("run", "-", stdin=json.dumps({**SQUARE, "limits": {"memory_kb": 512 * 1024}}))
    assert done.returncode == 2 and "limits.memory_kb: must be at most " in json.loads(done.stdout)["error"]


def test_one_lane_at_most(group):
    done = group.kodewar("run", "--lanes", "2", "-", stdin=json.dumps(SQUARE))
    assert done.returncode == 3 and "lanes: must be 1" in json.loads(done.stdout)["error"]


def refused(group, **more):
    done = group.kodewar("run", "-", stdin=json.dumps(SQUARE), **more)
    assert done.returncode == 3
    return json.loads(done.stdout)["error"]


def test_without_a_memory_limit_it_is_refused_with_the_cure():
    with lent.Group(memory=None) as group:
        error = refused(group)
    assert "our cgroup has no memory limit" in error and "--memory" in error and "systemd-run --user" in error


def test_in_a_small_container_it_is_refused():
    with lent.Group(memory=100 * lent.MIB) as group:
        assert "the container is too small: it needs a memory limit of at least 128 MiB" in refused(group)


def test_beside_strangers_it_is_refused(group):
    assert "we share our cgroup with processes that are not ours" in refused(group, as_root="sleep 60 & sleep 60 &")


def test_with_a_masked_proc_it_is_refused_with_the_cure(group):
    error = refused(group, as_root="mount -t tmpfs masked /proc/sys")
    assert "mount /proc" in error and "systempaths=unconfined" in error


def test_nothing_runs_on_when_it_is_killed(group):
    """Whatever it made is in a pid namespace of its own, of which the warden is the first process."""
    inner = f"""
    cd /dev/shm; printf 'import time\\nprint(1, flush=True)\\ntime.sleep(600)' >$0.py; mkfifo $0.out
    {command_line.BINARY} run --log-dir - $0.py >$0.out & p=$!
    read -r -t 30 line <$0.out; set -- /proc/[0-9]*; before=$#; kill -KILL $p; wait $p
    for i in 1 2 3 4 5 6 7 8 9 10; do read -r -t 0.5 </dev/full; set -- /proc/[0-9]*; [ $# -le 1 ] && break; done
    rm -f $0.py $0.out; echo "$line $before $#"
    """
    done = group.run("/bin/bash", "-c", inner, group.name)
    line, before, after = done.stdout.split()
    assert line == "1" and int(before) >= 5 and after == "1", (done.stdout, done.stderr)


def test_a_health_check_beside_it_sees_that_somebody_serves(group):
    body = json.dumps({**PYTHON, "code": "print(1)"})
    inner = f"""
    cd /dev/shm; mkfifo $0.in $0.out; exec 4<>$0.out
    {command_line.BINARY} bench --requests --runner cold --log-dir - <$0.in >$0.out & exec 3>$0.in
    echo '{body}' >&3; read -r -t 30 first <&4; echo "$first"; rm -f $0.in $0.out
    {command_line.BINARY} doctor --quick --log-dir - >&2; echo $?
    {command_line.BINARY} doctor --log-dir - >&2; echo $?
    """
    done = group.run("/bin/bash", "-c", inner, group.name)
    first, quick, whole = done.stdout.splitlines()
    assert json.loads(first)["verdict"] == "accepted" and (quick, whole) == ("0", "3"), done.stderr
    assert "another instance makes boxes in this container" in done.stderr


def test_root_is_not_rootless():
    report = json.loads(command_line.kodewar("doctor", "--json").stdout)
    assert report["lacks"] == [] and "rootless" not in report["host"]


def test_the_suite_really_is_without_root(group):
    done = group.run("/bin/sh", "-c", "id -u; grep CapBnd /proc/self/status; echo 1 >/sys/fs/cgroup/pids/pids.max")
    assert done.stdout.split() == ["12345", "CapBnd:", "0000000000000000"] and done.returncode != 0
    assert subprocess.run(["id", "-u"], capture_output=True, check=True).stdout == b"0\n"


HOG = "import os, sys\nopen(sys.argv[1], 'w').write('0')\nkept = b'x' * (300 << 20)\nprint('full', flush=True)\nos.read(0, 1)"


@pytest.mark.parametrize("runner", ["cold", "warm", "pooled"])
def test_a_limit_that_cannot_be_had_is_said_at_once(group, runner):
    """It shows when the program's fork is under way: both are ended, and the lane serves on when there is room again."""
    body = json.dumps({**PYTHON, "code": "print(1)", "limits": {"memory_kb": 262144}}) + "\n"
    with subprocess.Popen(group.command(command_line.BINARY, "bench", "--requests", "--runner", runner, "--log-dir", "-"),
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
                          env=command_line.CLEAN_ENV) as process:
        def ask():
            process.stdin.write(body)
            return json.loads(process.stdout.readline())

        assert ask()["verdict"] == "accepted"
        with subprocess.Popen(["/usr/bin/python3.11", "-c", HOG, f"{lent.TOP}/memory/{group.name}/cgroup.procs"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as hog:
            assert hog.stdout.readline() == "full\n"
            began = time.monotonic()
            found = [ask() for _ in range(10)]
            took = time.monotonic() - began
            hog.stdin.close()
        assert {r["verdict"] for r in found} == {"internal_error"} and "cgroup-limits" in found[0]["error"], found[0]
        assert took < 10, f"{took:.1f} s for ten of them: one hung until its set-up was given up"
        assert ask()["verdict"] == "accepted"
        process.stdin.close()
