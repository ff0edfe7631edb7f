# SPDX-License-Identifier: Apache-2.0
"""rediss://: jobs over TLS, and no word to a server whose certificate is not of ours or not of that name."""
import json
import os
import socket
import subprocess

import pytest

from farm import HELLO, Worker, farming, free_port, until
from topology import PRIMARY, Watcher


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True, timeout=60)


def authority(directory, name):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
            f"/CN={name}", "-keyout", f"{directory}/{name}.key", "-out", f"{directory}/{name}.pem")


def certificate(directory, name, by, names):
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={name}",
            "-keyout", f"{directory}/{name}.key", "-out", f"{directory}/{name}.csr")
    with open(f"{directory}/{name}.ext", "w", encoding="ascii") as f:
        f.write(f"subjectAltName={names}\n")
    openssl("x509", "-req", "-in", f"{directory}/{name}.csr", "-CA", f"{directory}/{by}.pem", "-CAkey",
            f"{directory}/{by}.key", "-CAcreateserial", "-days", "2", "-extfile", f"{directory}/{name}.ext",
            "-out", f"{directory}/{name}.pem")


@pytest.fixture(name="tls", scope="module")
def fixture_tls(tmp_path_factory):
    directory = tmp_path_factory.mktemp("tls")
    for up in (directory, *directory.parents[:3]):  # the worker reads its authorities as an unprivileged user
        if str(up).startswith("/tmp/"):
            os.chmod(up, 0o755)
    authority(directory, "ours")
    authority(directory, "theirs")
    certificate(directory, "server", "ours", "IP:127.0.0.1")
    port = free_port()
    with farming("--tls-port", str(port), "--tls-cert-file", f"{directory}/server.pem", "--tls-key-file",
                 f"{directory}/server.key", "--tls-ca-cert-file", f"{directory}/ours.pem", "--tls-auth-clients", "no") as farm:
        yield farm, port, directory


def test_jobs_over_tls(tls):
    farm, port, directory = tls
    farm.workers.append(Worker(f"rediss://127.0.0.1:{port}/0", "--redis-ca", directory / "ours.pem"))
    farm.add("t1", {"language": "python", "code": "print('x' * 900000)"})
    assert farm.result("t1")["output"] == "x" * 900000 + "\n"
    for n in range(100):
        farm.add(f"s{n}")
    assert all(farm.result(f"s{n}")["output"] == "42\n" for n in range(100))
    done = subprocess.run([farm.binary, "submit", "--redis", f"rediss://127.0.0.1:{port}", "--redis-ca",
                           directory / "ours.pem", "-"], input=json.dumps(HELLO), capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and json.loads(done.stdout)["output"] == "42\n"


@pytest.mark.parametrize("password, ca, said", [("sent-word", "ours.pem", "waits"), ("wr0ng", "ours.pem", "WRONGPASS"),
                                                ("sent-word", "theirs.pem", "certificate")])
def test_a_sentinel_over_tls_with_a_password_of_its_own(tls, password, ca, said):
    farm, port, directory = tls
    home = farm.redis.home.name
    watcher = Watcher(home, port, "port 0", "tls-port {port}", f"tls-cert-file {directory}/server.pem",
                      f"tls-key-file {directory}/server.key", f"tls-ca-cert-file {directory}/ours.pem", "tls-auth-clients no",
                      "tls-replication yes", "requirepass sent-word")
    try:
        until(lambda: accepts(watcher.port))
        url = f"rediss+sentinel://127.0.0.1:{watcher.port}/{PRIMARY}?sentinel_password={password}"
        done = subprocess.run([farm.binary, "submit", "--redis", url, "--redis-ca", directory / ca, "--detach", "--id", "waits", "-"],
                              input=json.dumps(HELLO), capture_output=True, text=True, timeout=30)
        assert said in done.stdout + done.stderr and (done.returncode == 0) == (said == "waits"), done
        assert password not in done.stderr
    finally:
        watcher.stop()


def accepts(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("host, ca", [("127.0.0.1", "theirs.pem"), ("localhost", "ours.pem"), ("127.0.0.1", None),
                                      ("127.0.0.1", "none.pem")])
def test_nobody_else_is_spoken_to(tls, host, ca):
    farm, port, directory = tls
    url = f"rediss://:secret@{host}:{port}"
    option = ["--redis-ca", directory / ca] if ca else []
    done = subprocess.run([farm.binary, "submit", "--redis", url, *option, "-"], input="{}", capture_output=True, text=True,
                          timeout=30)
    assert done.returncode == 3 and "TLS: " in done.stderr and "secret" not in done.stderr, done.stderr
    assert ca == "none.pem" or "certificate" in done.stderr


def test_no_tls_there(tls):
    farm = tls[0]
    url = f"rediss://127.0.0.1:{farm.redis.port}"
    done = subprocess.run([farm.binary, "submit", "--redis", url, "-"], input="{}", capture_output=True, text=True, timeout=30)
    assert done.returncode == 3 and "TLS: " in done.stderr
