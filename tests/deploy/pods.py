# SPDX-License-Identifier: Apache-2.0
"""A worker's pod without a cluster: its command and its probe in what a pod gives (tests/e2e/lent.py: no root, no capability,
a control group to read), with a user of a real Redis."""

import contextlib
import os
import signal
import subprocess
import sys

import pytest
import redis

from manifests import ROOT, everything

sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "tests/e2e/worker")]
import command_line  # noqa: E402
import lent  # noqa: E402

POD, = [d for _, d in everything() if (d["kind"], d["metadata"]["name"]) == ("Deployment", "kodewar-worker")]
SPEC = POD["spec"]["template"]["spec"]
CONTAINER, = SPEC["containers"]
PROBE = CONTAINER["startupProbe"]["exec"]["command"]
in_a_pod = pytest.mark.skipif(not lent.possible(), reason="needs root and cgroup v1")


def as_user(farm, name):
    return redis.Redis(port=farm.redis.port, username=name, password=name, decode_responses=True)


@contextlib.contextmanager
def pod(farm, **memory):
    """(its process, its pid 1, its first word), once it works or has ended; memory: of lent.Group."""
    env = command_line.CLEAN_ENV | {"KODEWAR_REDIS": f"redis://worker:worker@127.0.0.1:{farm.redis.port}/0"}
    with lent.Group(**memory) as group, subprocess.Popen(
            group.command(command_line.BINARY, *CONTAINER["args"]), cwd=ROOT, env=env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        first = None
        try:
            said = process.stdout.readline()
            with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as f:
                first = next(map(int, f.read().split()), None)
            yield process, first, said
        finally:
            if first and process.poll() is None:
                os.kill(first, signal.SIGKILL)  # and with pid 1 all of it; unshare's --kill-child ends with its change of user
            process.wait()


def probe(first):
    """As kubelet does it: a process more in the container, as its user."""
    command = [command_line.BINARY if word == "/usr/bin/kodewar" else word for word in PROBE]
    return subprocess.run(["nsenter", "-t", str(first), "-m", "-p", "setpriv", "--reuid", str(lent.USER), "--regid", str(lent.USER),
                           "--clear-groups", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", *command], cwd=ROOT,
                          env=command_line.CLEAN_ENV, capture_output=True, text=True, timeout=60, check=False)
