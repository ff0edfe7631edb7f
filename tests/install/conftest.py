# SPDX-License-Identifier: Apache-2.0
"""The Debian package, built from the tree, and a clean Debian 12 with nothing in it but what the package depends on."""
import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
ENV = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": os.environ.get("HOME", "/root"),
       **{name: os.environ[name] for name in ("http_proxy", "https_proxy", "no_proxy") if name in os.environ}}
# What the package recommends, and what the tests look at it with.
MORE = ["nodejs", "gcc", "libc6-dev", "logrotate", "systemd", "nginx-light", "caddy", "procps"]


def run(*words, check=True, timeout=120, **more):
    done = subprocess.run([str(word) for word in words], env=ENV, capture_output=True, text=True, timeout=timeout, check=False,
                          **more)
    assert not check or done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done


class Root:
    """A Debian in a directory; what is run in it sees it as its root, and leaves no mount behind."""

    def __init__(self, path):
        self.path = pathlib.Path(path)

    def command(self, *words):
        slots = [] if words[0].startswith("dpkg") else ["--slots"]
        return [str(word) for word in (TOP / "tools/enter-root", *slots, self.path, *words)]

    def run(self, *words, **more):
        return run(*self.command(*words), **more)

    @contextlib.contextmanager
    def running(self, *words, **more):
        """A process in it, in a session of its own: all of that is ended afterwards."""
        process = subprocess.Popen(self.command(*words), env=ENV, start_new_session=True, **more)
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def file(self, path):
        return self.path / path.lstrip("/")

    def files(self):
        """Every path in it, but what dpkg and the C library keep for themselves and what is mounted elsewhere."""
        theirs = re.compile(r"/(var/(lib/dpkg|log/dpkg\.log|log/alternatives\.log|cache/(ldconfig|debconf|apt|man)|lib/apt)"
                            r"|etc/(passwd|group|shadow|gshadow)-|etc/\.pwd\.lock|etc/ld\.so\.cache"
                            r"|proc|sys|dev|tmp|run/(?!kodewar)|var/l(og|ib)/(nginx|caddy)|root/\.|usr/lib/python3\S*/__pycache__)")
        found = set()
        for directory, names, files in os.walk(self.path):
            inside = directory.removeprefix(str(self.path))
            names[:] = [name for name in names if not theirs.match(f"{inside}/{name}")]
            found |= {f"{inside}/{name}" for name in (*names, *files) if not theirs.match(f"{inside}/{name}")}
        return found


@pytest.fixture(name="deb", scope="session")
def fixture_deb():
    run("make", "-s", "deb", cwd=TOP, timeout=400)
    return next((TOP / "build-deb").glob("kodewar_*.deb"))


@pytest.fixture(name="root", scope="session")
def fixture_root(deb):
    depends = run("dpkg-deb", "-f", deb, "Depends").stdout.strip()
    names = [re.sub(r"\s*[|(].*", "", word).strip() for word in depends.split(",")]
    place = tempfile.mkdtemp(prefix="kodewar-install-", dir="/var/tmp")
    os.chmod(place, 0o755)
    try:
        run("mmdebstrap", "--quiet", "--variant=minbase", "--mode=root", "--include=" + ",".join([*names, *MORE]),
            "--customize-hook=rm -rf $1/var/lib/apt/lists/* $1/var/cache/apt/*", "bookworm", place, timeout=400)
        yield Root(place)
    finally:
        assert place not in pathlib.Path("/proc/mounts").read_text(encoding="utf-8")
        shutil.rmtree(place)


@pytest.fixture(name="before", scope="session")
def fixture_before(root):
    return root.files()


@pytest.fixture(name="installed", scope="session")
def fixture_installed(root, before, deb):
    assert before
    shutil.copy(deb, root.file("/tmp/kodewar.deb"))
    told = root.run("dpkg", "--install", "/tmp/kodewar.deb")
    assert "kodewar" in told.stdout
    return root
