# SPDX-License-Identifier: Apache-2.0
"""What the bench ran on: a result without its machine says nothing."""
import os
import platform
import subprocess
import time

import peers
from measure import CORES, ENV, NODE, PYTHON, TOP


def _first_line(argv):
    try:
        done = subprocess.run(argv, env=ENV, capture_output=True, text=True, check=True)
        return done.stdout.strip().splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "?"


def _read(path):
    try:
        with open(path, encoding="utf-8") as f:
            return f.read()
    except OSError:
        return ""


def _field(path, key):
    for line in _read(path).splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return "?"


def _cgroups():
    kinds = {line.split()[2] for line in _read("/proc/mounts").splitlines() if line.split()[2].startswith("cgroup")}
    return {frozenset(("cgroup",)): "v1", frozenset(("cgroup2",)): "v2",
            frozenset(("cgroup", "cgroup2")): "hybrid (controllers on v1)"}.get(frozenset(kinds), "none")


def describe(build, engine):
    release = dict(line.split("=", 1) for line in _read("/etc/os-release").splitlines() if "=" in line)
    tools = {**peers.versions(), "kodewar": _first_line([os.path.join(build, "kodewar"), "version"]).split()[-1]}
    if engine:
        tools["Docker Engine"] = engine.version()
    thp = _read("/sys/kernel/mm/transparent_hugepage/enabled")
    virtual = "hypervisor" in _field("/proc/cpuinfo", "flags").split()
    return {
        "date": time.strftime("%Y-%m-%d"),
        "commit": _first_line(["git", "-c", "safe.directory=*", "-C", TOP, "rev-parse", "--short", "HEAD"]),
        "cpu": f"{_field('/proc/cpuinfo', 'model name')}, {CORES} cores" + (", virtual machine" if virtual else ""),
        "memory": f"{int(_field('/proc/meminfo', 'MemTotal').split()[0]) / 2**20:.0f} GiB",
        "system": f"{release.get('PRETTY_NAME', '?').strip(chr(34))}, Linux {platform.release()} {platform.machine()}",
        "control groups": _cgroups(),
        "transparent huge pages": thp[thp.find("[") + 1:thp.find("]")] if "[" in thp else "?",
        "load before": " ".join(_read("/proc/loadavg").split()[:3]),
        "runtimes": f"{_first_line([PYTHON, '--version'])}, Node {_first_line([NODE, '--version'])}",
        "contenders": ", ".join(f"{name} {version}" for name, version in tools.items()),
    }
