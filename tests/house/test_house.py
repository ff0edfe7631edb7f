# SPDX-License-Identifier: Apache-2.0
"""The checks and the suite runner must themselves be able to fail."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def check_layers(tmp_path, files):
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return subprocess.run([ROOT / "tools/check-layers", tmp_path], capture_output=True, text=True)


@pytest.mark.parametrize("here, there", [
    ("base", "model"), ("model", "kernel"), ("kernel", "sandbox"), ("sandbox", "backend"),
    ("backend", "engine"), ("engine", "gate"), ("gate", "app"), ("codec", "kernel"),
    ("kernel", "codec"), ("engine", "codec"),
])
def test_an_include_to_the_right_is_refused(tmp_path, here, there):
    run = check_layers(tmp_path, {f"{here}/a.c": f'#include "{there}/b.h"\n'})
    assert run.returncode == 1
    assert f"{here} may not include {there}" in run.stdout


@pytest.mark.parametrize("here, there", [
    ("app", "codec"), ("gate", "codec"), ("codec", "model"), ("sandbox", "base"), ("model", "model"),
])
def test_an_include_to_the_left_is_allowed(tmp_path, here, there):
    assert check_layers(tmp_path, {f"{here}/a.c": f'#include "{there}/b.h"\n'}).returncode == 0


def test_an_unknown_folder_is_refused(tmp_path):
    assert check_layers(tmp_path, {"utils/a.c": "\n"}).returncode == 1


def test_the_readme_names_every_field_of_a_request():
    rows = "".join(p.read_text() for p in (ROOT / "src/codec").glob("fields*.h"))
    tables = re.findall(r"#define REQUEST_\w*FIELDS\(X\)((?:.*\\\n)+.*)", rows)
    fields = {name for table in tables for name in re.findall(r"\bX\((\w+),", table)}
    told = re.search(r"All request fields but (.*?)\.\s", (ROOT / "README.md").read_text(), re.S)[1]
    assert len(fields) > 15 and set(re.findall(r"`(\w+)`", told)) == fields


@pytest.mark.parametrize("name, most", [("src/a.c", 500), ("src/a.h", 150), ("tests/unit/test_a.c", 500), ("bench/a.py", 500),
                                        ("tools/a", 500), ("web/src/a.ts", 500)])
def test_a_file_that_is_too_long_is_found(tmp_path, name, most):
    for file in ("src/main.c", "tools/size-allowlist.txt", name):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("")
    (tmp_path / "src/main.c").write_text("int main(void)\n{\n\treturn 0;\n}\n")
    for lines, said in ((most, ""), (most + 1, f"file {name}: {most + 1} lines\n")):
        (tmp_path / name).write_text("#!\n" + "/**/\n" * (lines - 1))
        run = subprocess.run([ROOT / "tools/check-size", tmp_path], capture_output=True, text=True)
        assert (run.returncode, run.stdout) == (int(said != ""), said)


@pytest.fixture
def house(tmp_path):
    """A tree of its own with the suite runner; called with a suites.toml, gives its run."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "tests").mkdir()
    shutil.copy(ROOT / "tools/run-suites", tmp_path / "tools")
    (tmp_path / ".venv/bin").mkdir(parents=True)
    python = tmp_path / ".venv/bin/python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)

    def run(toml, *args, env=None):
        (tmp_path / "tests/suites.toml").write_text(toml)
        return subprocess.run([tmp_path / "tools/run-suites", *(args or ["--all"])], env=env,
                              capture_output=True, text=True)

    run.path = tmp_path
    return run


def tap(script, budget=20, name="one"):
    return (f"[[suite]]\nname = '{name}'\ndoc = 'd'\nbudget_sec = {budget}\nkind = 'tap'\n"
            f"command = ['sh', '-c', '''{script}''']\n")


def last_line(run):
    return run.stdout.splitlines()[-1]


@pytest.mark.parametrize("script, code, closing", [
    ("echo ok - a; echo ok - b", 0, "2 passed, 0 failed"),
    ("echo ok - a; echo 'ok - b # SKIP no kernel'", 0, "1 passed, 0 failed, 1 skipped"),
    ("echo ok - a; echo not ok - b; exit 1", 1, "1 passed, 1 failed"),
    ("echo ok - a; exit 3", 1, "1 passed, 1 failed"),
    ("echo ok - a; kill -SEGV $$", 1, "1 passed, 1 failed"),
    ("true", 1, "0 passed, 1 failed"),
    ("echo 'ok - a # SKIP all of it'", 1, "0 passed, 1 failed, 1 skipped"),
])
def test_closing_line_of_tap(house, script, code, closing):
    run = house(tap(script))
    assert (run.returncode, last_line(run)) == (code, closing)


def test_a_suite_that_does_not_end_is_a_failure(house):
    run = house(tap("echo ok - a; exec sleep 1000", budget=1))
    assert run.returncode == 1
    assert "killed after 3 s, its budget is 1 s" in run.stdout
    assert last_line(run) == "1 passed, 1 failed"


def test_a_slow_machine_may_overrun_a_budget_and_is_told(house):
    run = house(tap("sleep 1.2; echo ok - a", budget=1))
    assert last_line(run) == "1 passed, 0 failed"
    assert [line.split()[0] for line in run.stdout.splitlines() if line.endswith(" over")] == ["one"]


def test_what_it_is_prepared_with_is_not_of_its_budget(house):
    slow = "prepare = [['sleep', '3.5']]\n"
    run = house(tap("echo ok - a", budget=1) + slow)
    assert last_line(run) == "1 passed, 0 failed"
    runner = house.path / "tools/run-suites"
    runner.write_text(runner.read_text().replace("SECONDS_MAX = 4900", "SECONDS_MAX = 2"))
    assert last_line(house(tap("echo ok - a", budget=1) + slow)) == "0 passed, 1 failed"


def test_all_together_never_take_longer_than_is_allowed(house):
    runner = house.path / "tools/run-suites"
    runner.write_text(runner.read_text().replace("SECONDS_MAX = 4900", "SECONDS_MAX = 3"))
    run = house(tap("echo ok - a; exec sleep 1.5", budget=1) + tap("echo ok - b; exec sleep 1000", budget=1, name="two"))
    assert re.search(r"two: killed after 1 s, its budget is 1 s", run.stdout)
    assert last_line(run) == "2 passed, 1 failed"


def test_what_ci_spent_before_is_not_spent_again(house):
    env = {**os.environ, "KODEWAR_CI_BEGAN": str(int(time.time()) - 5245)}
    run = house(tap("echo ok - a; exec sleep 1000"), env=env)
    assert last_line(run) == "1 passed, 1 failed"
    assert re.search(r"killed after [45] s, its budget is 20 s", run.stdout), run.stdout


def test_budgets_are_bounded(house):
    run = house(tap("echo ok - a", budget=3600))
    assert run.returncode != 0 and "3600 allowed" in run.stderr


def test_long_suites_are_reported_as_not_run(house):
    run = house(tap("echo ok - a") + tap("echo ok - b", name="ages", budget=9000) + "long = true\n")
    assert "not run: ages" in run.stdout
    assert last_line(run) == "1 passed, 0 failed"


def test_the_environment_is_clean(house, monkeypatch):
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", "/nowhere")
    run = house(tap('test -z "$NODE_EXTRA_CA_CERTS" && echo ok - clean'))
    assert last_line(run) == "1 passed, 0 failed"


def test_one_engine_is_there_from_the_first_suite_that_needs_it_to_the_last(house):
    engine = house.path / "tools/test-engine"
    engine.write_text('#!/bin/sh\ncd "$(dirname "$0")"; echo "up $1" >>told; echo DOCKER_HOST=unix:///e\n'
                      'cat >/dev/null; echo down >>told\n')
    engine.chmod(0o755)
    asks = 'echo "$0 ${DOCKER_HOST:-none}" >>tools/told; echo ok - a'
    run = house("".join(tap(asks.replace("$0", name), name=name) + ("engine = true\n" if name in "bd" else "")
                        for name in "abcde"))
    assert last_line(run) == "5 passed, 0 failed"
    assert (house.path / "tools/told").read_text().splitlines() == [
        "a none", "up hold", "b unix:///e", "c none", "d unix:///e", "down", "e none"]


@pytest.mark.parametrize("more", ["", "workers = 2\ndist = 'loadfile'\n"])
def test_pytest_is_counted(house, more):
    (house.path / "tests/test_it.py").write_text(
        "import pytest\n"
        "def test_good(): pass\n"
        "def test_bad(): assert 0\n"
        "@pytest.mark.skip(reason='a reason')\n"
        "def test_not(): pass\n")
    run = house("[[suite]]\nname = 'py'\ndoc = 'd'\nbudget_sec = 60\nkind = 'pytest'\n"
                "command = ['tests/test_it.py']\n" + more)
    assert last_line(run) == "1 passed, 1 failed, 1 skipped"
    assert "a reason" in run.stdout


def test_one_of_several_workers_that_dies_is_a_failure(house):
    (house.path / "tests/test_it.py").write_text(
        "import os\n"
        "def test_good(): pass\n"
        "def test_dies(): os._exit(0)\n")
    run = house("[[suite]]\nname = 'py'\ndoc = 'd'\nbudget_sec = 60\nkind = 'pytest'\n"
                "workers = 2\ncommand = ['tests/test_it.py']\n")
    assert last_line(run) == "1 passed, 1 failed"


def test_a_missing_pytest_file_is_a_failure(house):
    run = house("[[suite]]\nname = 'py'\ndoc = 'd'\nbudget_sec = 60\nkind = 'pytest'\n"
                "command = ['tests/gone.py']\n")
    assert last_line(run) == "0 passed, 1 failed"
