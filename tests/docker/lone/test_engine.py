# SPDX-License-Identifier: Apache-2.0
"""tools/test-engine leaves nothing behind: what it and its containers made is counted before and after.

There is one such engine on a machine, so these cannot run beside the suites that have one, and are a suite of their own.
"""
import io
import os
import pathlib
import re
import signal
import subprocess
import tarfile
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
TOOL = ROOT / "tools/test-engine"
NAME = "kodewar-test-engine"
STATE = pathlib.Path("/run/kodewar-test-engine.json")
ENV = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": os.environ.get("HOME", "/root")}
SPARED = ["/etc/docker", "/run/docker", "/run/containerd", "/opt/containerd", "/var/lib/docker"]


def run(*words, stdin=None, check=True):
    done = subprocess.run([str(w) for w in words], env=ENV, input=stdin, capture_output=True, timeout=120, check=False)
    assert not check or done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    return done.stdout.decode(errors="replace")


def processes(directory):
    """Of the engine, and of its containers, whatever they call themselves."""
    found = set()
    for entry in pathlib.Path("/proc").iterdir():
        try:
            words, groups = (entry / "cmdline").read_bytes(), (entry / "cgroup").read_text()
        except OSError:  # no process, or one no more
            continue
        if not words:
            continue  # a zombie, whose end is its parent's business
        mine = directory.encode() + b"/" in words and b"pytest" not in words
        if mine or f"/{NAME}" in groups:
            found.add(f"{entry.name} {words[:60]!r}")
    return found


def census(directory):
    with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as f:
        mounts = {line.split()[4] for line in f}
    groups = {str(p) for top in ("/sys/fs/cgroup", *pathlib.Path("/sys/fs/cgroup").glob("*/"))
              for p in pathlib.Path(top).glob(f"{NAME}*")}
    traces = {f"{top}/{p.name}" for top in SPARED if os.path.isdir(top) for p in pathlib.Path(top).iterdir()}
    return {"process": processes(directory), "mount": mounts, "control group": groups,
            "interface": {link.split()[1] for link in run("ip", "-o", "link").splitlines() if "veth" in link or "kodewar" in link},
            "firewall rule": {r for table in ("nat", "filter") for r in run("iptables", "-w", "-t", table, "-S").splitlines()},
            "forwarding": {pathlib.Path("/proc/sys/net/ipv4/ip_forward").read_text(encoding="ascii")},
            "file": traces | {str(p) for p in (STATE, pathlib.Path(directory)) if p.exists()}}


def differs(before, after):
    return {kind: sorted(before[kind] ^ after[kind]) for kind in before if before[kind] ^ after[kind]}


def image_of_one_program():
    """sleep, and what it is linked with: a program that ends by nobody's end but its own."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", dereference=True) as tar:
        for path in ["/usr/bin/sleep", *re.findall(r"(/\S+) \(0x", run("ldd", "/usr/bin/sleep"))]:
            tar.add(path)
    return out.getvalue()


@pytest.fixture(name="directory")
def fixture_directory():
    if STATE.exists():
        pytest.fail(f"an engine of ours runs, or one was not undone ({STATE}): tools/test-engine stop")
    path = f"/var/tmp/kodewar-lone-{os.getpid()}"
    yield path
    subprocess.run([TOOL, "stop"], env=ENV, capture_output=True, timeout=120, check=False)


def busy_engine(directory):
    """With a container that runs, on its bridge; gives the pid of dockerd."""
    host = run(TOOL, "start", "--dir", directory).strip().removeprefix("DOCKER_HOST=")
    run("docker", "-H", host, "import", "-", "one", stdin=image_of_one_program())
    run("docker", "-H", host, "run", "-d", "--name", "busy", "one", "/usr/bin/sleep", "600")
    assert run("docker", "-H", host, "inspect", "-f", "{{.State.Running}}", "busy") == "true\n"
    return int(pathlib.Path(directory, "dockerd.pid").read_text(encoding="ascii"))


def test_stop_leaves_no_process_mount_or_cgroup(directory):
    before = census(directory)
    busy_engine(directory)
    during = differs(before, census(directory))
    assert {"process", "mount", "control group", "interface", "firewall rule", "file"} <= set(during), during
    run(TOOL, "stop")
    assert differs(before, census(directory)) == {}


def test_stop_also_undoes_what_a_killed_engine_left(directory):
    before = census(directory)
    pid = busy_engine(directory)
    os.kill(pid, signal.SIGKILL)
    end = time.monotonic() + 20
    while os.path.exists(f"/proc/{pid}/exe") and time.monotonic() < end:
        time.sleep(0.02)
    assert any("sleep" in text for text in processes(directory)), "the container should live on"
    run(TOOL, "stop")
    assert differs(before, census(directory)) == {}


def test_an_engine_that_is_held_ends_with_its_holder(directory):
    before = census(directory)
    with subprocess.Popen([TOOL, "hold", "--dir", directory], env=ENV, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as holder:
        assert holder.stdout.readline().startswith("DOCKER_HOST=unix://")
        assert processes(directory)
        holder.stdin.close()
        holder.wait(timeout=60)
    assert differs(before, census(directory)) == {}
