# SPDX-License-Identifier: Apache-2.0
"""The TypeScript client: built as it is published, and run in Node against the real service."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
CLIENT = HERE.parents[1] / "clients" / "typescript"


def run(*command, **env):
    out = subprocess.run(command, cwd=CLIENT, env=os.environ | env, capture_output=True, text=True, timeout=110)
    assert out.returncode == 0, out.stdout + out.stderr
    return out.stdout


@pytest.fixture(scope="module", autouse=True)
def built():
    """Exactly what the lock file names; no script of any package is run."""
    lock, made = CLIENT / "package-lock.json", CLIENT / "node_modules" / ".made"
    if not made.exists() or made.read_bytes() != lock.read_bytes():
        run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        shutil.copyfile(lock, made)
    shutil.rmtree(CLIENT / "dist", ignore_errors=True)
    run("npx", "--no-install", "tsc")


def test_against_the_real_service(served):
    out = run("node", "--test", "--test-reporter=tap", str(HERE / "typescript.test.mjs"), KODEWAR_URL=served.url)
    assert int(re.search(r"^# pass (\d+)$", out, re.M)[1]) >= 11 and "\n# fail 0\n" in out, out


def types_of(text):
    """Without comments, and so without the service's descriptions: those may be said better at any time."""
    return re.sub(r"/\*\*.*?\*/\s*", "", text, flags=re.S)


def test_types_are_those_of_the_running_service(served, tmp_path):
    run("npx", "--no-install", "openapi-typescript", f"{served.url}/v1/openapi.json", "-o", str(tmp_path / "openapi.ts"))
    committed = (CLIENT / "src" / "openapi.ts").read_text().partition("\n")[2]
    assert types_of((tmp_path / "openapi.ts").read_text()) == types_of(committed), "npm run types, with the service running"
