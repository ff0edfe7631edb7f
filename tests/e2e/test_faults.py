# SPDX-License-Identifier: Apache-2.0
"""Fault injection: every set-up system call fails once, in each place where it is made.

strace makes the N-th call of one name fail, counted in each process by itself.  The result must be a
clean error or the right verdict; never a wrong one, never a hang, and nothing may be left behind.

The product's own start-up probes meet every fault first, and refuse all work.  What a fault does to
the box of a submission shows in the build with switchable layers, which skips the probes when one is
off: the harmless one here.
"""
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/hostile"))

import host  # noqa: E402

PROGRAM = str(ROOT / os.environ.get("KODEWAR_BIN", "build/kodewar"))
UNPROBED = str(ROOT / os.environ.get("KODEWAR_LAYERS_BIN", "build-layers/kodewar"))
ENV = {"PATH": "/usr/bin:/bin"}
SOURCES = {"python": "print(int(input()) ** 2)",
           "c": '#include <stdio.h>\nint main(void) { int n; scanf("%d", &n); printf("%d\\n", n * n); }\n'}
COMPILED = {"openat2", "sendfile", "setfsuid"}  # made, or made otherwise, where there is a compile step


def request(language):
    return json.dumps({"code": SOURCES[language], "language": language, "limits": {"cpu_ms": 5000, "wall_ms": 10000},
                       "test_cases": [{"input": "7", "expected": "49"}, {"input": "8", "expected": "63"}]}).encode()


RIGHT = [("49\n", "accepted"), ("64\n", "wrong_answer")]
TIMEOUT_SEC = 30
NTH_MAX = 6  # of the calls that one process makes again and again, the first few
# What each call fails with: something that it may really answer.
CALLS = {
    "clone3": "EAGAIN", "clone": "ENOMEM", "unshare": "EPERM", "mount": "EPERM", "umount2": "EBUSY", "pivot_root": "EINVAL",
    "mkdirat": "EACCES", "mkdir": "ENOSPC", "openat": "EMFILE", "openat2": "ENFILE", "write": "EIO", "pwrite64": "EIO",
    "sendmsg": "ENOBUFS", "recvmsg": "ENOMEM", "seccomp": "EFAULT", "prctl": "EINVAL", "setresuid": "EAGAIN",
    "setresgid": "EPERM", "setgroups": "EPERM", "capset": "EPERM", "landlock_create_ruleset": "EOPNOTSUPP",
    "landlock_add_rule": "EINVAL", "landlock_restrict_self": "E2BIG", "close_range": "EINVAL", "prlimit64": "EPERM",
    "execve": "ENOMEM", "execveat": "EACCES", "memfd_create": "EMFILE", "socketpair": "ENFILE", "fcntl": "EMFILE",
    "chdir": "EACCES", "chmod": "EPERM", "fchmod": "EPERM", "chown": "EPERM", "fchown": "EPERM", "mknodat": "EPERM",
    "symlink": "ENOSPC", "sendfile": "ENOMEM", "eventfd2": "ENFILE", "pipe2": "EMFILE", "dup2": "EBADF", "dup3": "EBADF",
    "setsid": "EPERM", "epoll_create1": "EMFILE", "epoll_ctl": "ENOMEM", "timerfd_create": "EMFILE",
    "timerfd_settime": "EINVAL", "signalfd4": "EMFILE", "fstatfs": "EIO", "pidfd_send_signal": "EPERM", "kill": "EPERM",
    "flock": "ENOLCK", "sethostname": "EPERM", "setdomainname": "EPERM", "unlinkat": "EBUSY", "wait4": "EINTR",
    "waitid": "EINTR", "poll": "ENOMEM", "setpriority": "EACCES", "mlockall": "ENOMEM", "setfsuid": "EPERM",
}
SUCCESS = re.compile(r"^(\d+) +(?:execve\(\"([^\"]+)\"|execveat\((\d+)).*= 0$")
STRACE = ["strace", "-f", "-qq", "--seccomp-bpf"]


@pytest.fixture(scope="module", autouse=True)
def apart(as_root):
    assert shutil.which("strace"), "strace is needed"
    host.stand_apart()


def run_traced(program, env, log, options, language):
    """Exit code, result (or None), stderr; everything that hangs is ended, and told."""
    p = subprocess.Popen(STRACE + ["-o", str(log)] + options + [program, "run", "-"], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, cwd=ROOT)
    try:
        out, err = p.communicate(request(language), timeout=TIMEOUT_SEC)
    except subprocess.TimeoutExpired:
        for line in host.descendants():
            os.kill(int(line.split(" ", 1)[0]), 9)
        p.communicate()
        return "hang", None, ""
    try:
        return p.returncode, json.loads(out), err.decode("utf-8", "replace")
    except ValueError:
        return p.returncode, None, out.decode("utf-8", "replace") + err.decode("utf-8", "replace")


def injected(log):
    """How many faults there were, and how many of them in processes of ours (not of languages)."""
    foreign, begun, total, ours = set(), {}, 0, 0
    for line in log.read_text(errors="replace").splitlines():
        pid = line.split(" ", 1)[0]
        m = re.match(r'^\d+ +execve\("([^"]+)"', line)
        if m:
            begun[pid] = m[1]
        if re.search(r"execve(\(| resumed>).*= 0$", line) and pid in begun:
            if "kodewar" not in begun[pid]:
                foreign.add(pid)
        m = re.search(r"(?:clone3?|v?fork)\b.*= (\d+)", line)
        if m and pid in foreign:
            foreign.add(m[1])
        if "(INJECTED)" in line:
            total += 1
            ours += pid not in foreign
    return total, ours


def faults(code, result, stderr, only_foreign):
    if code == "hang":
        return [f"no end within {TIMEOUT_SEC} s"]
    if code == 127 and "shared librar" in stderr:  # the loader failed, before any line of ours ran
        return []
    if isinstance(code, int) and code < 0 or code in (134, 139):
        return [f"crashed: {code}: {stderr[-300:]}"]
    if result is None and code == 1 and "cannot write to stdout" in stderr:  # the fault met the result itself
        return []
    if result is None:
        return [] if code == 3 and stderr.strip() else [f"exit code {code} without a result: {stderr[-300:]!r}"]
    if result["verdict"] == "internal_error" or code == 3:
        told = result["error"].strip()
        return [] if result["status"] == "error" and len(told) > 10 and result["verdict"] == "internal_error" else \
            [f"an error without a reason: {result}"]
    if only_foreign:  # the program's own call failed: its own affair, but never a success that is none
        return []
    got = [(c["actual"], c["verdict"]) for c in result["test_results"]]
    wrong = [(g, want) for g, want in zip(got, RIGHT) if g != want and g[1] != "internal_error"]
    return [f"wrong: {got}, {result['verdict']}: {result['error'][:300]}"] if wrong or len(got) != len(RIGHT) or code else []


def counts(program, env, log):
    """The most calls that one process makes, by name."""
    most = collections.Counter()
    for language in SOURCES:
        code, result, stderr = run_traced(program, env, log, ["-e", "trace=" + ",".join(CALLS)], language)
        assert code == 0, (code, result, stderr)
        for line in log.read_text(errors="replace").splitlines():
            m = re.match(r"^(\d+) +(\w+)\(", line)
            if m and (m[2] in COMPILED) == (language == "c"):
                most[m[1], m[2]] += 1
    return {name: max((n for (_, call), n in most.items() if call == name), default=0) for name in CALLS}


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return counts(PROGRAM, ENV, tmp_path_factory.mktemp("strace") / "log")


@pytest.fixture(scope="module")
def unprobed(tmp_path_factory):
    return counts(UNPROBED, {**ENV, "KODEWAR_LAYERS_OFF": "cgroup-io"}, tmp_path_factory.mktemp("strace") / "log")


def inject(program, env, call, most, log):
    wrong, tried = [], 0
    for n in range(1, min(most, NTH_MAX) + 1):
        census = host.Census()
        code, result, stderr = run_traced(program, env, log, ["-e", f"trace={call},execve,clone,clone3,vfork", "-e",
                                                              f"inject={call}:error={CALLS[call]}:when={n}"],
                                          "c" if call in COMPILED else "python")
        total, ours = injected(log)
        tried += ours
        where = f"{call} number {n}: "
        wrong += [where + w for w in faults(code, result, stderr, total and not ours) + census.faults()]
    return wrong, tried


@pytest.mark.parametrize("call", sorted(CALLS))
def test_product(call, plain, tmp_path):
    wrong, _ = inject(PROGRAM, ENV, call, plain[call], tmp_path / "log")
    assert not wrong, "\n".join(wrong)


@pytest.mark.skipif(not os.path.exists(UNPROBED), reason=f"{UNPROBED}: build with -Dlayers_off=true")
@pytest.mark.parametrize("call", sorted(CALLS))
def test_box_of_a_submission(call, unprobed, tmp_path):
    wrong, _ = inject(UNPROBED, {**ENV, "KODEWAR_LAYERS_OFF": "cgroup-io"}, call, unprobed[call], tmp_path / "log")
    assert not wrong, "\n".join(wrong)


def test_every_call_is_made_somewhere(plain):
    """A name that is never called is no test: drop it, or find out why."""
    assert not [name for name, n in plain.items() if n == 0]
