# SPDX-License-Identifier: Apache-2.0
"""What a container gives to its user, made by hand: a cgroup v1 of its own, which it can only read, pid and mount
namespaces, one uid without any capability, no_new_privs."""
import os
import secrets
import subprocess
import time

import command_line

CONTROLLERS = ("memory", "pids", "cpuacct", "cpu", "blkio")
TOP = "/sys/fs/cgroup"
USER = 12345
MIB = 1 << 20
# $0: the group's name, $1: what else is to be done as root, the rest: the command
INSIDE = """
set -e
for c in %(controllers)s; do echo 0 >%(top)s/$c/$0/cgroup.procs; done
mount -t proc proc /proc
mount -t tmpfs lent /mnt
for c in %(controllers)s; do mkdir /mnt/$c; mount --bind %(top)s/$c/$0 /mnt/$c; mount -o remount,bind,ro /mnt/$c; done
mount --move /mnt %(top)s
eval "$1"; shift
exec setpriv --reuid %(user)d --regid %(user)d --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs -- "$@"
""" % {"controllers": " ".join(CONTROLLERS), "top": TOP, "user": USER}


def possible():
    return os.geteuid() == 0 and all(os.path.exists(f"{TOP}/{c}/cgroup.procs") for c in CONTROLLERS)


class Group:
    """Its control groups, for as long as `with` lasts. memory: the container's limit in bytes, or None."""

    def __init__(self, memory=512 * MIB):
        self.name, self.memory = f"kodewar-test-{secrets.token_hex(4)}", memory

    def __enter__(self):
        for c in CONTROLLERS:
            os.mkdir(f"{TOP}/{c}/{self.name}")
        if self.memory:
            with open(f"{TOP}/memory/{self.name}/memory.limit_in_bytes", "w", encoding="ascii") as f:
                f.write(str(self.memory))
        return self

    def __exit__(self, *_):
        end = time.monotonic() + 10
        for c in CONTROLLERS:
            while True:
                try:
                    os.rmdir(f"{TOP}/{c}/{self.name}")
                    break
                except OSError:
                    if time.monotonic() > end:
                        raise
                    time.sleep(0.02)

    def command(self, *command, as_root=":"):
        return ["unshare", "-m", "-p", "-f", "--kill-child", "--propagation", "private", "/bin/sh", "-c", INSIDE, self.name,
                as_root, *map(str, command)]

    def run(self, *command, stdin="", as_root=":"):
        return subprocess.run(self.command(*command, as_root=as_root), input=stdin, capture_output=True, text=True,
                              timeout=90, check=False, env=command_line.CLEAN_ENV)

    def kodewar(self, *arguments, stdin="", as_root=":"):
        return self.run(command_line.BINARY, *arguments, "--log-dir", "-", stdin=stdin, as_root=as_root)
