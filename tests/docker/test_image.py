# SPDX-License-Identifier: Apache-2.0
"""The image: what `docker build` makes, what is in it and what is not, and what the scan says of it."""

import json
import os
import re
import subprocess
import tarfile

import pytest

from conftest import ROOT

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(name="files", scope="module")
def fixture_files(engine, image, tmp_path_factory):
    """name -> TarInfo of all that is in the image."""
    path = tmp_path_factory.mktemp("image") / "root.tar"
    container = engine.docker("create", image).stdout.decode().strip()
    engine.docker("export", "-o", path, container)
    engine.docker("rm", container)
    with tarfile.open(path) as tar:
        yield {member.name: (member, tar.extractfile(member).read() if member.isfile() and member.size < 1 << 20 else b"")
               for member in tar.getmembers()}


def about(engine, image):
    return json.loads(engine.docker("image", "inspect", image).stdout)[0]


def python(engine, image, code):
    """What the image's own Python says."""
    return engine.docker("run", "--rm", "--network=none", "--entrypoint", "/usr/bin/python3.11", image, "-c",
                         code).stdout.decode()


class TestContents:
    def test_it_is_small(self, engine, image):
        assert about(engine, image)["Size"] < 175_000_000

    def test_the_runtimes_are_there(self, engine, image):
        assert python(engine, image, "import sys; print(sys.version_info[:2])") == "(3, 11)\n"
        told = engine.docker("run", "--rm", "--network=none", "--entrypoint", "/usr/bin/node", image, "-p",
                             "Intl.NumberFormat('de').format(1234.5)").stdout
        assert told == b"1.234,5\n"

    def test_kodewar_is_there_with_its_helpers(self, engine, image, files):
        assert engine.docker("run", "--rm", image, "version").stdout.startswith(b"kodewar ")
        assert {"kodewar-launcher", "kodewar-probe", "kodewar-python", "kodewar-node.node"} <= {
            os.path.basename(name) for name in files if name.startswith("usr/libexec/kodewar/")}
        told = engine.docker("run", "--rm", image, "languages", "--json").stdout.decode()
        assert '"python"' in told and '"javascript"' in told and '"c"' not in told

    @pytest.mark.parametrize("module", ["ssl", "sqlite3", "zoneinfo", "decimal", "lzma", "bz2", "ctypes", "curses",
                                        "readline", "multiprocessing.synchronize", "uuid", "hashlib", "dbm.ndbm"])
    def test_the_standard_library_is_whole(self, engine, image, module):
        assert python(engine, image, f"import {module}; print('there')") == "there\n"

    def test_modules_are_compiled_and_belong_to_their_sources(self, engine, image):
        code = "import asyncio, os; p = asyncio.base_events.__cached__; print(os.path.exists(p), asyncio.__file__)"
        assert python(engine, image, code) == "True /usr/lib/python3.11/asyncio/__init__.py\n"

    def test_no_shell_compiler_or_package_manager(self, files):
        programs = {os.path.basename(name) for name in files if re.match(r"usr/s?bin/", name)}
        assert programs & {"sh", "bash", "dash", "gcc", "cc", "ld", "as", "apt", "apt-get", "dpkg", "perl", "npm"} == set()
        assert {"python3.11", "node", "kodewar"} <= programs and len(programs) < 30

    def test_nothing_is_setuid_and_nothing_is_for_all_to_write(self, files):
        mine = {n: m for n, (m, _) in files.items() if not n.startswith(("dev/", "proc/", "sys/"))}
        assert [n for n, m in mine.items() if not m.issym() and m.mode & 0o6000] == []
        assert [n for n, m in mine.items() if not m.issym() and m.mode & 0o002] == ["tmp"]

    def test_what_debian_knows_of_each_package_is_kept(self, files):
        there = {n.rpartition("/")[2] for n in files if n.startswith("var/lib/dpkg/status.d/")} - {"", "status.d"}
        assert {"libc6", "libssl3", "python3.11", "libnode108"} <= there
        assert b"Package: libssl3\n" in files["var/lib/dpkg/status.d/libssl3"][1]
        links = {n: os.path.join(os.path.dirname(n), m.linkname) for n, (m, _) in files.items() if m.issym()}
        docs = {p: links.get(f"usr/share/doc/{p}", f"usr/share/doc/{p}") for p in there}
        assert [p for p, directory in docs.items() if f"{directory}/copyright" not in files] == []

    def test_the_sbom_is_spdx_and_names_every_package(self, files):
        sbom = json.loads(files["usr/share/kodewar/sbom.spdx.json"][1])
        there = {n.rpartition("/")[2] for n in files if re.match(r"var/lib/dpkg/status\.d/.", n)}
        assert sbom["spdxVersion"] == "SPDX-2.3" and sbom["SPDXID"] == "SPDXRef-DOCUMENT"
        assert {p["name"] for p in sbom["packages"]} == there | {"kodewar"}
        assert all(re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", p["SPDXID"]) for p in sbom["packages"])
        assert len({p["SPDXID"] for p in sbom["packages"]}) == len(sbom["packages"])


class TestSettings:
    def test_it_runs_as_a_number_that_is_not_root(self, engine, image):
        assert about(engine, image)["Config"]["User"] == "10001:10001"

    def test_it_answers_requests_unless_told_otherwise(self, engine, image):
        config = about(engine, image)["Config"]
        assert config["Entrypoint"] == ["/usr/bin/kodewar"] and config["Cmd"] == ["run", "--log-dir", "-", "-"]
        assert config["Healthcheck"]["Test"][:4] == ["CMD", "/usr/bin/kodewar", "doctor", "--quick"]

    def test_it_says_what_it_is(self, engine, image):
        labels = about(engine, image)["Config"]["Labels"]
        version = subprocess.run([ROOT / "build/kodewar", "version"], capture_output=True, text=True, check=True).stdout
        assert labels["org.opencontainers.image.version"] == version.split()[-1]
        assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"

    def test_without_its_flags_it_refuses_with_the_reason(self, engine, image):
        done = engine.docker("run", "--rm", "-i", image, stdin=b'{"code": "print(1)", "language": "python"}', check=False)
        result = json.loads(done.stdout)
        assert done.returncode == 3
        assert result["verdict"] == "internal_error" and result["output"] == "" and result["error"]


def scan(engine, name):
    done = subprocess.run([ROOT / "tools/scan-image", "--offline", name], capture_output=True, text=True, timeout=300,
                          env={**engine.env, "PATH": f"{ROOT}/.venv/bin:{engine.env['PATH']}"}, check=False)
    rows = re.findall(r"^(ok|not ok|not run) - (\w+):", done.stdout, re.M)
    return done, {check: result for result, check in rows}


@pytest.fixture(name="scanned", scope="module")
def fixture_scanned(engine, image):
    return scan(engine, image)


class TestScan:
    def test_nothing_is_found(self, scanned):
        done, rows = scanned
        assert done.returncode == 0, done.stdout + done.stderr
        asked = {"settings", "setuid", "writable", "owned", "tools", "secrets", "sbom", "updates", "dockerfile", "ignored"}
        assert {check for check, result in rows.items() if result == "ok"} >= asked

    def test_what_could_not_be_looked_for_is_said(self, scanned):
        done, rows = scanned
        assert rows["debsecan"] == "not run" and rows["vulnerabilities"] == "not run"
        counts = [sum(result == word for result in rows.values()) for word in ("ok", "not ok", "not run")]
        assert done.stdout.splitlines()[-1] == "{} ok, {} not ok, {} not run".format(*counts)

    def test_it_finds_what_is_wrong(self, engine, image, tmp_path):
        """The same image with one fault of each kind."""
        key = "-----BEGIN PRIVATE KEY-----\n" + "QUJD" * 20 + "\n"
        (tmp_path / "key").write_text(key)
        (tmp_path / "status").write_text("Package: libssl3\nVersion: 3.0.1-1\nArchitecture: amd64\n")
        with tarfile.open(tmp_path / "sh.tar", "w") as tar:  # which keeps what COPY takes away
            shell = tarfile.TarInfo("sh")
            shell.mode = 0o4777
            tar.addfile(shell)
        (tmp_path / "Dockerfile").write_text(
            f"FROM {image}\nUSER root\nCOPY key /etc/ssl/key\nCOPY status /var/lib/dpkg/status.d/libssl3\nADD sh.tar /usr/bin/\n")
        engine.docker("build", "-q", "-t", "kodewar-faulty", tmp_path)
        try:
            done, rows = scan(engine, "kodewar-faulty")
        finally:
            engine.docker("rmi", "kodewar-faulty", check=False)
        assert done.returncode == 1
        assert {check for check, result in rows.items() if result == "not ok"} == {
            "settings", "setuid", "writable", "tools", "secrets", "sbom", "updates"}

    def test_an_image_that_is_not_there_is_no_pass(self, engine):
        done, rows = scan(engine, "kodewar-absent")
        assert done.returncode == 1 and rows == {}
