# SPDX-License-Identifier: Apache-2.0
"""Programs with a library of ours loaded ahead: whose clock of the day is wrong, or whose power is cut."""
import functools
import os
import pathlib
import signal
import struct
import subprocess
import tempfile

from farm import Redis, Worker

HERE = pathlib.Path(__file__).parent


@functools.cache
def built(name):
    home = tempfile.TemporaryDirectory(prefix="kodewar-preload-")
    path = f"{home.name}/{name}.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", path, HERE / f"{name}.c"], check=True, timeout=60)
    return home, path


class Clock:
    def __init__(self, skew=0):
        self.home = tempfile.TemporaryDirectory(prefix="kodewar-clock-")
        self.path = pathlib.Path(self.home.name, "skew")
        self.path.write_bytes(bytes(8))
        self.set(skew)

    def set(self, skew):
        with open(self.path, "r+b", buffering=0) as f:
            f.write(struct.pack("=q", skew))

    def before(self, command):
        return ["env", f"LD_PRELOAD={built('skew')[1]}", f"SKEW_FILE={self.path}", *command]


class SkewedWorker(Worker):
    def __init__(self, skew, *arguments, **named):
        self.clock = Clock(skew)
        super().__init__(*arguments, **named)

    def launch(self, command):
        return self.clock.before(command)


class SkewedRedis(Redis):
    def __init__(self, *options):
        self.clock = Clock()
        super().__init__(*options)

    def launch(self, command):
        return self.clock.before(command)


class PoweredRedis(Redis):
    """With an append-only file, of which a cut of the power leaves what was synced and nothing else."""

    def launch(self, command):
        return ["env", f"LD_PRELOAD={built('powercut')[1]}", f"SYNCED_LOG={self.home.name}/synced", *command]

    def syncs(self):
        return len(pathlib.Path(self.home.name, "synced").read_text().splitlines())

    def cut_power(self):
        """How many bytes were lost."""
        self.stop(signal.SIGKILL)
        synced = {}
        for line in pathlib.Path(self.home.name, "synced").read_text().splitlines():
            inode, size = map(int, line.split())
            synced[inode] = max(size, synced.get(inode, 0))
        lost = 0
        for path in pathlib.Path(self.home.name, "appendonlydir").glob("*.incr.aof"):
            kept = synced.get(path.stat().st_ino, 0)
            lost += path.stat().st_size - kept
            os.truncate(path, kept)
        return lost
