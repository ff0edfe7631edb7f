# SPDX-License-Identifier: Apache-2.0
"""Where a warm runner cannot be had, or a request does not want it, programs start cold, and everybody is told."""

import json
import pathlib
import shutil
import subprocess

import pytest

from command_line import BINARY, CLEAN_ENV, ROOT, kodewar, start, stop

OK, FAILED, REFUSED, HOST = 0, 1, 2, 3
BUILD = pathlib.Path(BINARY).parent
ECHO = {"python": "print(input())", "javascript": "console.log(require('fs').readFileSync(0, 'utf8').trim())"}
WRONG_SELFTEST = "selftests:\n  - code: |\n      print(45)\n    expected: \"46\\n\"\n"
BUILT = {"python": (BUILD / "kodewar-python").exists(), "javascript": (BUILD / "kodewar-node.node").exists()}


def needs(language):
    return pytest.mark.skipif(not BUILT[language], reason=f"there is no warm {language} in this build")


class Tree:
    """A source tree of its own with what was built, for a test to spoil."""

    def __init__(self, path):
        self.path = path
        self.build = path / "build"
        self.build.mkdir(parents=True)
        for file in BUILD.glob("kodewar*"):
            if file.is_file():
                shutil.copy2(file, self.build / file.name)
        for name in ("languages", "profiles"):
            shutil.copytree(ROOT / name, path / name)

    def run(self, *arguments, **request):
        """Of a request, or of words alone."""
        command = [self.build / "kodewar", *arguments, "--log-dir", self.path / "logs", *(["-"] if request else [])]
        return subprocess.run(command, input=json.dumps(request).encode() if request else b"", env=CLEAN_ENV,
                              capture_output=True, timeout=60, check=False)

    def log(self):
        return (self.path / "logs" / "sandbox.log").read_text().splitlines()

    # ---- how a test spoils it ----

    def python_not_built(self):
        (self.build / "kodewar-python").unlink()

    def python_that_ends(self):
        shutil.copy2("/bin/true", self.build / "kodewar-python")

    def python_that_is_no_program(self):
        (self.build / "kodewar-python").write_text("no program")

    def python_with_a_wrong_selftest(self):
        file = self.path / "languages" / "python.yaml"
        text = file.read_text()
        assert text.count("selftests:\n") == 1
        file.write_text(text.replace("selftests:\n", WRONG_SELFTEST))

    def python_with_an_unknown_module(self):
        file = self.path / "languages" / "python.yaml"
        text = file.read_text()
        assert text.count("preload:\n") == 1
        file.write_text(text.replace("preload:\n", "preload:\n  - no_such_module\n"))

    def node_not_built(self):
        (self.build / "kodewar-node.node").unlink()

    def node_not_built_whole(self):
        (self.build / "kodewar-node-place.so").unlink()

    def node_with_a_broken_addon(self):
        (self.build / "kodewar-node.node").write_bytes(b"\x7fELF but no more")


# How it is spoiled, what doctor calls it, and the reason that everybody is told.
SPOILED = [
    pytest.param("python", Tree.python_not_built, "missing", "the python runner is not installed",
                 marks=needs("python"), id="not-built"),
    pytest.param("python", Tree.python_that_ends, "cold", "its zygote ended before it could serve",
                 marks=needs("python"), id="ends"),
    pytest.param("python", Tree.python_that_is_no_program, "cold", "its zygote cannot serve: start kodewar-python",
                 marks=needs("python"), id="no-program"),
    pytest.param("python", Tree.python_with_a_wrong_selftest, "cold", 'self-test 1: it printed "45\\n", not "46\\n"',
                 marks=needs("python"), id="wrong-selftest"),
    pytest.param("python", Tree.python_with_an_unknown_module, "cold", "no_such_module",
                 marks=needs("python"), id="unknown-module"),
    pytest.param("javascript", Tree.node_not_built, "missing", "the node runner is not installed",
                 marks=needs("javascript"), id="node-not-built"),
    pytest.param("javascript", Tree.node_not_built_whole, "missing", "the node runner is not installed",
                 marks=needs("javascript"), id="node-not-built-whole"),
    pytest.param("javascript", Tree.node_with_a_broken_addon, "cold", "its zygote ended before it could serve",
                 marks=needs("javascript"), id="node-broken-addon"),
]


@pytest.mark.parametrize("language, spoil, state, reason", SPOILED)
def test_without_it_programs_start_cold_and_everybody_is_told(tmp_path, language, spoil, state, reason):
    tree = Tree(tmp_path / "tree")
    spoil(tree)

    tests = [{"input": str(i), "expected": str(i)} for i in range(8)]
    done = tree.run("run", code=ECHO[language], language=language, test_cases=tests)
    result = json.loads(done.stdout)
    assert (done.returncode, result["verdict"], result["runner"]) == (OK, "accepted", "cold"), result
    assert {case["runner"] for case in result["test_results"]} == {"cold"}
    assert done.stderr == b""  # nobody asked for a warm one
    warning, = [line for line in tree.log() if " warning " in line]
    assert f"no warm {language} here: " in warning and reason in warning.replace("\\x5c", "\\")

    done = tree.run("doctor", "--json")
    report = json.loads(done.stdout)
    row, = [row for row in report["runners"] if row["language"] == language]
    assert row["state"] == state and reason in row["detail"] and row["version"] is None and row["cure"]
    assert {other["state"] for other in report["runners"] if other != row and BUILT[other["language"]]} <= {"ok"}
    assert {layer["state"] for layer in report["layers"]} == {"ok"}
    assert done.returncode == report["severity"] == 1

    for runner in ("warm", "pooled"):
        done = tree.run("run", "--runner", runner, code=ECHO[language], language=language, stdin="1")
        result = json.loads(done.stdout)
        assert done.returncode == HOST and (result["status"], result["verdict"]) == ("error", "internal_error")
        assert result["error"].startswith(f"no warm {language} here: ") and reason in result["error"]
        assert done.stderr.decode() == f"kodewar run: {result['error']}\n"


@needs("python")
def test_the_others_stay_warm(tmp_path):
    tree = Tree(tmp_path / "tree")
    tree.node_not_built()
    result = json.loads(tree.run("run", "--runner", "warm", code=ECHO["python"], language="python", stdin="1").stdout)
    assert (result["verdict"], result["runner"]) == ("accepted", "warm")


@needs("python")
def test_doctor_tells_people_the_reason_and_the_cure(tmp_path):
    tree = Tree(tmp_path / "tree")
    tree.python_not_built()
    lines = tree.run("doctor").stdout.decode().splitlines()
    at, = [i for i, line in enumerate(lines) if line.startswith("missing  warm-python ")]
    assert lines[at + 1].strip().startswith("the python runner is not installed")
    assert lines[at + 2].strip().startswith("to get it: apt-get install ") and "libpython3.11-dev" in lines[at + 2]


@needs("python")
def test_what_cures_a_module_that_is_not_there_is_in_the_languages_file(tmp_path):
    tree = Tree(tmp_path / "tree")
    tree.python_with_an_unknown_module()
    row, = [row for row in json.loads(tree.run("doctor", "--json").stdout)["runners"] if row["language"] == "python"]
    assert "correct preload in the language's file" in row["cure"]


@needs("python")
def test_a_bench_of_requests_ends_with_the_reason(tmp_path):
    tree = Tree(tmp_path / "tree")
    tree.python_not_built()
    done = subprocess.run([tree.build / "kodewar", "bench", "--requests", "--runner", "warm", "--log-dir", tree.path / "logs"],
                          input=b'{"code": "print(1)", "language": "python"}\n', env=CLEAN_ENV, capture_output=True,
                          timeout=60, check=False)
    assert done.returncode == HOST and b"no warm python here: the python runner is not installed" in done.stderr


def judge(*options, **request):
    done = kodewar("run", *options, "-", stdin=json.dumps(request).encode())
    assert done.returncode == OK, done.stderr
    return json.loads(done.stdout)


# Which of the two it is depends on whether a program waits by then: on the load of the machine.
WARM_STARTS = {"warm": {"warm"}, "pooled": {"warm", "pooled"}}


@pytest.mark.parametrize("runner", ["warm", "pooled"])
@pytest.mark.parametrize("language", [pytest.param(name, marks=needs(name)) for name in ECHO])
class TestAskedFor:
    def test_it_is_had(self, language, runner):
        result = judge("--runner", runner, code=ECHO[language], language=language, stdin="7")
        assert result["output"] == "7\n" and result["runner"] in WARM_STARTS[runner]

    def test_fresh_is_cold(self, language, runner):
        result = judge("--runner", runner, code=ECHO[language], language=language, stdin="7", fresh=True)
        assert (result["output"], result["runner"]) == ("7\n", "cold")

    def test_what_is_read_at_the_start_alone_is_cold(self, language, runner):
        result = judge("--runner", runner, code=ECHO[language], language=language, stdin="7", env={"LC_ALL": "C"})
        assert (result["output"], result["runner"]) == ("7\n", "cold")

    def test_other_variables_stay_warm(self, language, runner):
        code = {"python": "import os; print(os.environ['MINE'])", "javascript": "console.log(process.env.MINE)"}
        result = judge("--runner", runner, code=code[language], language=language, env={"MINE": "x"})
        assert result["output"] == "x\n" and result["runner"] in WARM_STARTS[runner]


@pytest.mark.parametrize("language", [pytest.param(name, marks=needs(name)) for name in ECHO])
def test_programs_that_waited_are_told_so(language):
    """One may not wait yet when the next order comes; of many orders, one finds it."""
    line = json.dumps({"code": ECHO[language], "language": language, "stdin": "7"}).encode() + b"\n"
    process = start("bench", "--requests", "--runner", "pooled")
    runners = set()
    try:
        for _ in range(500):
            process.stdin.write(line)
            process.stdin.flush()
            result = json.loads(process.stdout.readline())
            assert result["output"] == "7\n"
            runners.add(result["runner"])
            if "pooled" in runners:
                break
        process.stdin.close()
        assert process.wait(timeout=20) == OK
    finally:
        stop(process)
    assert "pooled" in runners <= {"pooled", "warm"}


@needs("python")
def test_what_is_read_at_the_start_has_its_effect():
    code = "import sys; print(sys.flags.hash_randomization, sys.flags.optimize, __debug__)"
    result = judge("--runner", "warm", code=code, language="python", env={"PYTHONOPTIMIZE": "1", "PYTHONHASHSEED": "5"})
    assert (result["output"], result["runner"]) == ("1 1 False\n", "cold")


@pytest.mark.parametrize("cases, runner", [(7, "cold"), pytest.param(8, "warm", marks=needs("python"))])
def test_by_itself_it_is_warm_where_that_pays(cases, runner):
    tests = [{"input": str(i), "expected": str(i)} for i in range(cases)]
    result = judge(code=ECHO["python"], language="python", test_cases=tests)
    assert (result["verdict"], result["runner"]) == ("accepted", runner)


@pytest.mark.parametrize("runner", ["warm", "pooled"])
def test_a_language_without_one_ends_with_3(tmp_path, runner):
    path = tmp_path / "main.c"
    path.write_text("int main(void) { return 0; }")
    done = kodewar("run", "--runner", runner, "--log-dir", tmp_path / "logs", path)
    assert done.returncode == HOST and done.stdout == b""
    assert done.stderr == (b"kodewar run: c has no warm runner: each of its programs is a new process; "
                           b"--runner auto runs it\n")
    assert kodewar("run", path).returncode == OK


def test_a_language_without_one_is_no_row_of_doctor():
    report = json.loads(kodewar("doctor", "--json").stdout)
    assert {row["language"] for row in report["runners"]} == {"python", "javascript"}
