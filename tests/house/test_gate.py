# SPDX-License-Identifier: Apache-2.0
"""The bench's gate fails on a loss that is real: true boxes, and a binary that was made slower."""
import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROW = "true, kodewar cold"
# Loaded into the binary, and so into its warden: each event is seen a little later.
SLOWED = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/epoll.h>
#include <unistd.h>

int epoll_wait(int fd, struct epoll_event *events, int n, int msec)
{
	int (*real)(int, struct epoll_event *, int, int) = dlsym(RTLD_NEXT, "epoll_wait");
	int r = real(fd, events, n, msec);

	usleep(500);
	return r;
}
"""


@pytest.fixture(name="gate")
def fixture_gate(tmp_path):
    """gate(build) -> the process that compared it with what is committed in tmp_path."""
    if os.geteuid() != 0:
        pytest.skip("boxes need root")
    (tmp_path / "bench").mkdir()

    def gate(build, committed):
        (tmp_path / "bench/ratios.json").write_text(json.dumps({ROW: committed}))
        return subprocess.run([ROOT / "bench/run", "--gate", "--build", build, "--out", tmp_path],
                              capture_output=True, text=True, timeout=100, check=False)

    return gate


@pytest.fixture(name="slowed")
def fixture_slowed(tmp_path):
    build = tmp_path / "slowed"
    build.mkdir()
    (build / "bench-spawn").symlink_to(ROOT / "build/bench-spawn")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", build / "slowed.so", "-x", "c", "-"], input=SLOWED, text=True, check=True)
    (build / "kodewar").write_text(f"#!/bin/sh\nLD_PRELOAD={build}/slowed.so exec {ROOT}/build/kodewar \"$@\"\n")
    (build / "kodewar").chmod(0o755)
    return build


def ratio_of(done):
    line = next(line for line in done.stdout.splitlines() if ROW in line)
    return float(line.split(f"{ROW}: ")[1].split(",")[0])


def test_a_slowed_binary_is_caught_and_the_real_one_passes(gate, slowed):
    real = gate(ROOT / "build", 1000)
    assert real.returncode == 0, real.stdout + real.stderr
    committed = 1.5 * ratio_of(real)  # what other work on the machine may cost
    assert gate(ROOT / "build", committed).returncode == 0
    lost = gate(slowed, committed)
    assert lost.returncode == 1 and f"not ok 1 - {ROW}" in lost.stdout, lost.stdout + lost.stderr
    assert lost.stderr.count("gate: true") == 3, "measured again twice before it counts"
