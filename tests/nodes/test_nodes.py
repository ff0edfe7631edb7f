# SPDX-License-Identifier: Apache-2.0
"""Other releases of node than the one that is installed: warm with the programs of the equivalence suite and all attacks, or cold
and told. tools/node-versions fetches and builds them first: part of the long form."""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLEAN = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}
VERSIONS = [line.split()[0].partition("==")[2] for line in (ROOT / "tests/nodes/versions.txt").read_text().splitlines()]
COLD = {"18.18.2": "keeps its time origin at an unknown place"}
WARM = [version for version in VERSIONS if version not in COLD]


pytestmark = pytest.mark.timeout(900)


def make_tree(path, version, node):
    """A source tree of its own: what was built for that node, and a language that names it."""
    (path / "build").mkdir(parents=True)
    for file in (ROOT / "build-nodes" / version / "build").glob("kodewar*"):
        if file.is_file():
            shutil.copy2(file, path / "build")
    for name in ("languages", "profiles"):
        shutil.copytree(ROOT / name, path / name)
    language = path / "languages/javascript.yaml"
    language.write_text(language.read_text().replace("/usr/bin/node", str(node)))


@pytest.fixture(scope="session")
def binary(tmp_path_factory):
    """The kodewar for a version."""
    trees = tmp_path_factory.mktemp("trees")
    place = pathlib.Path(tempfile.mkdtemp(prefix="kodewar-nodes-", dir="/usr/lib"))  # boxes see it, as they see all of /usr
    place.chmod(0o755)
    try:
        for version in VERSIONS:
            node = place / version / "node"
            node.parent.mkdir()
            shutil.copy2(ROOT / "build-nodes" / version / "bin/node", node)
            make_tree(trees / version, version, node)
        yield lambda version: trees / version / "build/kodewar"
    finally:
        shutil.rmtree(place)


def runner(program, tmp_path):
    done = subprocess.run([program, "doctor", "--json", "--log-dir", tmp_path], env=CLEAN, capture_output=True, check=False)
    row, = [row for row in json.loads(done.stdout)["runners"] if row["language"] == "javascript"]
    return row


@pytest.mark.parametrize("version", WARM)
def test_it_is_warm(binary, version, tmp_path):
    row = runner(binary(version), tmp_path)
    assert (row["state"], row["version"]) == ("ok", version), row


@pytest.mark.parametrize("version", COLD)
def test_it_is_cold_and_says_why(binary, version, tmp_path):
    row = runner(binary(version), tmp_path)
    assert row["state"] == "cold" and COLD[version] in row["detail"] and row["cure"]
    request = json.dumps({"code": "console.log(6 * 7)", "language": "javascript"}).encode()
    done = subprocess.run([binary(version), "run", "--log-dir", tmp_path, "-"], input=request, env=CLEAN, capture_output=True, check=False)
    result = json.loads(done.stdout)
    assert (result["output"], result["runner"]) == ("42\n", "cold")


SUITES = {"equivalence": ["tests/equivalence", "-k", "javascript"],
          "hostile-warm": ["tests/hostile/test_hostile.py", "--runner=warm", "-k", ".js"],
          "hostile-pooled": ["tests/hostile/test_hostile.py", "--runner=pooled", "-k", ".js"]}


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("version", WARM)
def test_suite(binary, version, suite):
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *SUITES[suite]], cwd=ROOT,
                          env={**CLEAN, "KODEWAR_BIN": str(binary(version))}, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and " passed" in done.stdout, done.stdout[-4000:]
