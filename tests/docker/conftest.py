# SPDX-License-Identifier: Apache-2.0
"""A Docker Engine with Debian's slim image, and the sandbox image built in it by the README's own command."""

import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENV = {"PATH": "/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": os.environ.get("HOME", "/root")}
PROXIES = {name: os.environ[name] for name in ("http_proxy", "https_proxy", "no_proxy") if name in os.environ}
BUILD = "docker build -t kodewar-sandbox -f Dockerfile.sandbox ."


class Engine:
    """Commands for one engine; all that tests start in it is removed by the one who started it."""

    def __init__(self, host):
        self.env = {**ENV, "DOCKER_HOST": host}

    def docker(self, *words, stdin=b"", timeout=60, check=True, **more):
        done = subprocess.run(["/usr/bin/docker", *map(str, words)], env=self.env, input=stdin, capture_output=True,
                              timeout=timeout, check=False, **more)
        assert not check or done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
        return done


@pytest.fixture(name="engine", scope="session")
def fixture_engine():
    """One of our own, which ends when our end of its stdin closes, however that comes about."""
    with subprocess.Popen([ROOT / "tools/test-engine", "hold"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, env=ENV | PROXIES) as holder:
        word, _, host = holder.stdout.readline().strip().partition("=")
        if word != "DOCKER_HOST":
            pytest.fail(f"no engine: {holder.stderr.read()[-2000:]}")
        base = subprocess.run([ROOT / "tools/test-engine", "base"], capture_output=True, text=True, env=ENV | PROXIES,
                              check=False)
        assert base.returncode == 0, base.stderr
        yield Engine(host)
        holder.stdin.close()
        holder.wait(timeout=60)


@pytest.fixture(name="image", scope="session")
def fixture_image(engine):
    """What the command makes that README and documents give."""
    assert BUILD in (ROOT / "README.md").read_text(encoding="utf-8")
    arguments = [word for name, value in PROXIES.items() for word in ("--build-arg", f"{name}={value}")]
    engine.docker(*BUILD.split()[1:-1], *arguments, ".", timeout=570, cwd=ROOT)
    return "kodewar-sandbox"
