# SPDX-License-Identifier: Apache-2.0
"""The command line: `kodewar run FILE` and its kin, their streams, exit codes and ends."""

import json
import os
import pty
import re
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from command_line import (
    BINARY, FAILED, HOST, NOBODY, OK, PROGRAMS, REFUSED, SLEEP, SQUARE,
    TESTS, alive, descendants, gone, kodewar, start, stop)

# Answers each line at once, so that a test can wait for it.
PARROT = "import sys\nprint('ready', flush=True)\nfor line in sys.stdin: print('you said', line, end='', flush=True)\n"


class TestRunFile:
    @pytest.mark.parametrize("name", PROGRAMS)
    def test_language_is_told_from_the_ending(self, write, name):
        done = kodewar("run", write(PROGRAMS[name], name))
        assert (done.returncode, done.stdout) == (OK, b"hello\n")

    def test_language_can_be_named(self, write):
        done = kodewar("run", "--language", "JS", write(PROGRAMS["hello.js"], "hello.txt"))
        assert (done.returncode, done.stdout) == (OK, b"hello\n")

    def test_an_unknown_ending_is_refused(self, write):
        done = kodewar("run", write("x", "hello.klingon"))
        assert done.returncode == REFUSED and done.stdout == b"" and b"--language" in done.stderr
        assert b"hello.klingon" in done.stderr and b".py" in done.stderr

    def test_an_unknown_limit_is_refused_with_those_that_are(self, write):
        done = kodewar("run", "--limit", "foo=1", write("x"))
        assert done.returncode == REFUSED and b'no limit is called "foo"; known are: cpu_ms, ' in done.stderr
        assert b"total_wall_ms" in done.stderr

    def test_a_missing_file_is_refused(self, tmp_path):
        done = kodewar("run", tmp_path / "none.py")
        assert done.returncode == REFUSED and b"none.py" in done.stderr

    def test_a_directory_is_refused(self, tmp_path):
        (tmp_path / "dir.py").mkdir()
        assert kodewar("run", tmp_path / "dir.py").returncode == REFUSED

    def test_a_file_that_root_alone_may_read_is_read(self, write):
        path = write("print('mine')")
        path.chmod(0o600)
        path.parent.chmod(0o700)
        assert kodewar("run", path).stdout == b"mine\n"

    def test_a_relative_path_from_another_directory(self, write):
        path = write("print('here')")
        assert kodewar("run", path.name, cwd=path.parent).stdout == b"here\n"

    def test_stdin_comes_from_a_pipe(self, write):
        assert kodewar("run", write(SQUARE), stdin=b"7\n").stdout == b"49\n"

    def test_stdin_comes_from_a_file(self, write):
        with open(write("8\n", "input.txt"), "rb") as file:
            assert kodewar("run", write(SQUARE), stdin=file).stdout == b"64\n"

    def test_stdin_may_be_dev_null(self, write):
        done = kodewar("run", write("import sys; print(repr(sys.stdin.read()))"), stdin=subprocess.DEVNULL)
        assert done.stdout == b"''\n"

    def test_stdin_may_be_closed(self, write):
        done = kodewar("run", write("import sys; print(repr(sys.stdin.read()))"), stdin=None,
                       preexec_fn=lambda: os.close(0))
        assert done.stdout == b"''\n"

    def test_stdin_of_any_bytes_and_size(self, write):
        data = bytes(range(256)) * 4096
        code = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read()[:500000])"
        done = kodewar("run", write(code), stdin=data)
        assert done.returncode == OK and done.stdout == data[:500000]

    def test_stdin_may_go_unread(self, write):
        assert kodewar("run", write("print('no thanks')"), stdin=b"x" * 3_000_000).returncode == OK

    def test_stdin_file_is_read_instead(self, write):
        done = kodewar("run", "--stdin-file", write("9\n", "input.txt"), write(SQUARE), stdin=b"7\n")
        assert done.stdout == b"81\n"

    def test_stdout_is_the_programs_bytes_and_nothing_else(self, write):
        done = kodewar("run", write("import os; os.write(1, bytes(range(256)))"))
        assert done.stdout == bytes(range(256))

    def test_stderr_is_the_programs_then_verdict_and_usage(self, write):
        done = kodewar("run", write("import sys; print('complained', file=sys.stderr)"))
        complained, _, ours = done.stderr.partition(b"complained\n")
        assert complained == b"" and b"accepted" in ours
        assert re.search(rb"cpu", ours) and re.search(rb"wall", ours) and re.search(rb"memory|[KM]i?B", ours)

    def test_quiet_adds_nothing_to_stderr(self, write):
        done = kodewar("run", "--quiet", write("import sys; print('complained', file=sys.stderr)"))
        assert done.stderr == b"complained\n"

    def test_it_talks_while_it_runs(self, write):
        process = start("run", write(PARROT))
        try:
            assert process.stdout.readline() == b"ready\n"
            for word in (b"one\n", b"two\n"):
                process.stdin.write(word)
                process.stdin.flush()
                assert process.stdout.readline() == b"you said " + word
            process.stdin.close()
            assert process.wait(timeout=20) == OK
        finally:
            stop(process)

    def test_stdin_from_a_terminal(self, write):
        ours, theirs = pty.openpty()
        code = "import sys\nprint(sys.stdin.isatty(), flush=True)\nprint(input()[::-1])"
        process = start("run", write(code), stdin=theirs)
        try:
            os.close(theirs)
            assert process.stdout.readline() == b"False\n"
            os.write(ours, b"live\n")
            assert process.stdout.readline() == b"evil\n"
            assert process.wait(timeout=20) == OK
        finally:
            stop(process)
            os.close(ours)

    def test_words_after_two_dashes_are_arguments(self, write):
        done = kodewar("run", write("import sys; print(sys.argv[1:])"), "--", "-v", "--help", "a b", "")
        assert done.stdout == b"['-v', '--help', 'a b', '']\n"

    def test_env_is_set(self, write):
        code = "import os; print(os.environ['A'], os.environ['B'] == '')"
        done = kodewar("run", "--env", "A=1=2", "-e", "B=", write(code))
        assert done.stdout == b"1=2 True\n"

    def test_a_limit_is_set(self, write):
        done = kodewar("run", "--limit", "open_files=40", write("import resource; print(resource.getrlimit(7)[0])"))
        assert done.stdout == b"40\n"

    def test_json_prints_the_result(self, write):
        done = kodewar("run", "--json", write(SQUARE), stdin=b"7\n")
        result = json.loads(done.stdout)
        assert list(result)[:4] == ["status", "output", "error", "test_results"]
        assert result["output"] == "49\n" and done.returncode == OK


class TestRunExitCodes:
    @pytest.mark.parametrize("code", ["raise SystemExit(3)", "1/0", "import os; os.abort()", "def f(:"])
    def test_a_failed_program_exits_1(self, write, code):
        done = kodewar("run", write(code))
        assert done.returncode == FAILED and b"runtime" in done.stderr.lower()

    def test_an_overrun_exits_1(self, write):
        done = kodewar("run", "-L", "wall_ms=300", write("import time; time.sleep(60)"))
        assert done.returncode == FAILED and b"time" in done.stderr.lower()

    def test_a_compile_error_exits_1_and_is_shown(self, write):
        done = kodewar("run", write("int main(void) { return undeclared; }", "main.c"))
        assert done.returncode == FAILED and b"undeclared" in done.stderr

    def test_wrong_answer_exits_1(self, write):
        assert kodewar("run", "--tests", write(TESTS, "tests.json"), write(SQUARE)).returncode == FAILED

    def test_all_passed_exits_0(self, write):
        assert kodewar("run", "--tests", write(TESTS[:1], "tests.json"), write(SQUARE)).returncode == OK

    def test_json_has_the_exit_codes_of_run_file(self, write):
        done = kodewar("run", "--json", write("1/0"))
        assert done.returncode == FAILED and json.loads(done.stdout)["verdict"] == "runtime_error"

    @pytest.mark.parametrize("arguments", [
        [], ["run"], ["run", "a.py", "b.py"], ["run", "--nonsense", "a.py"], ["nonsense"], ["--nonsense"],
        ["run", "--limit", "cpu_ms=0", "a.py"], ["run", "--limit", "cpu_ms", "a.py"], ["run", "--limit", "cpu=5", "a.py"],
        ["run", "--language", "klingon", "a.py"], ["run", "--tests"], ["run", "--quiet=yes", "a.py"],
        ["run", "--compare", "fuzzy", "--tests", "t.json", "a.py"], ["run", "--lanes", "0", "a.py"],
        ["run", "--env", "=x", "a.py"], ["languages", "extra"], ["doctor", "extra"]], ids=" ".join)
    def test_a_wrong_command_line_exits_2(self, tmp_path, arguments):
        (tmp_path / "a.py").write_text("print(1)")
        (tmp_path / "b.py").write_text("print(1)")
        (tmp_path / "t.json").write_text(json.dumps(TESTS))
        done = kodewar(*arguments, cwd=tmp_path)
        assert done.returncode == REFUSED and done.stdout == b"" and done.stderr != b""

    def test_a_source_over_the_cap_exits_2(self, write):
        assert kodewar("run", "--max-body", "1K", write("#" * 2000)).returncode == REFUSED

    def test_a_body_over_a_smaller_cap_exits_2(self):
        body = json.dumps({"code": "#" * 2000, "language": "python"}).encode()
        done = kodewar("run", "--max-body", "1K", "-", stdin=body)
        assert done.returncode == REFUSED and json.loads(done.stdout)["error"].startswith("body: ")


class TestRunTests:
    def test_a_bare_array(self, write):
        done = kodewar("run", "--tests", write(TESTS, "tests.json"), write(SQUARE))
        assert done.returncode == FAILED
        assert re.search(rb"PASS +accepted", done.stdout) and re.search(rb"FAIL +wrong_answer", done.stdout)
        assert b"1 of 2 passed" in done.stdout

    def test_an_object_with_settings(self, write):
        tests = {"test_cases": [{"input": "7", "expected": "49.0000001"}], "compare": {"mode": "float", "abs": 0.1}}
        assert kodewar("run", "--tests", write(tests, "tests.json"), write(SQUARE)).returncode == OK

    def test_code_in_the_tests_file_is_refused(self, write):
        tests = {"test_cases": TESTS, "code": "print(49)"}
        assert kodewar("run", "--tests", write(tests, "tests.json"), write(SQUARE)).returncode == REFUSED

    @pytest.mark.parametrize("text", ["", "[", "7", '[{"input": 7, "expected": "49"}]', '[{"input": "7"}]'])
    def test_broken_tests_are_refused(self, write, text):
        done = kodewar("run", "--tests", write(text, "tests.json"), write(SQUARE))
        assert done.returncode == REFUSED and done.stderr != b""

    def test_tests_that_are_no_json_are_named_by_their_file(self, write):
        path = write(SQUARE, "square.py")
        done = kodewar("run", "--tests", path, path)
        assert f"--tests: {path} is not valid JSON: ".encode() in done.stderr and b"body" not in done.stderr

    def test_json_has_the_test_results(self, write):
        done = kodewar("run", "--json", "--tests", write(TESTS, "tests.json"), write(SQUARE))
        assert [case["passed"] for case in json.loads(done.stdout)["test_results"]] == [True, False]

    def test_stop_on_failure(self, write):
        tests = [{"input": "1", "expected": "2"}] + TESTS
        done = kodewar("run", "--json", "--stop-on-failure", "--tests", write(tests, "tests.json"), write(SQUARE))
        assert [case["verdict"] for case in json.loads(done.stdout)["test_results"]] == [
            "wrong_answer", "skipped", "skipped"]

    def test_the_table_says_why_a_case_was_skipped(self, write):
        tests = [{"input": "1", "expected": "2"}] + TESTS
        done = kodewar("run", "--stop-on-failure", "--tests", write(tests, "tests.json"), write(SQUARE))
        rows = done.stdout.decode().splitlines()
        assert [row for row in rows if row != row.rstrip()] == []
        assert [row.endswith("not run: an earlier case did not pass") for row in rows[:3]] == [False, True, True]

    def test_the_table_says_that_nothing_was_compiled(self, write):
        done = kodewar("run", "--tests", write(TESTS, "tests.json"), write("int main(void) {", "main.c"))
        assert done.stdout.count(b"not run: the compile step failed\n") == 2

    def test_compare(self, write):
        tests = [{"input": "7", "expected": "49"}]
        assert kodewar("run", "--compare", "exact", "--tests", write(tests, "t.json"), write(SQUARE)).returncode == FAILED

    def test_terminals_are_not_driven_by_a_programs_answer(self, write):
        code = "print('\\x1b[2J\\x07')"
        done = kodewar("run", "--tests", write([{"input": "", "expected": "x"}], "t.json"), write(code))
        assert done.returncode == FAILED and b"wrong_answer" in done.stdout
        assert not set(b"\x1b\x07") & set(done.stdout + done.stderr)


    def test_the_security_log_tells_the_case_or_null(self, write, tmp_path):
        code = "import ctypes; ctypes.CDLL(None).mount(None, None, None, 0, None); print(49)"
        source, tests = write(code), write(TESTS[:1], "t.json")
        kodewar("run", "--log-dir", tmp_path / "logs", source)
        kodewar("run", "--log-dir", tmp_path / "logs", "--tests", tests, source)
        events = [json.loads(line) for line in (tmp_path / "logs" / "security.log").read_text().splitlines()]
        assert [event["test"] for event in events if event["syscall"] == "mount"] == [None, 0]


class TestRunStdin:
    def test_the_example_of_the_documents(self):
        body = {"code": SQUARE, "language": "python", "test_cases": TESTS}
        done = kodewar("run", "-", stdin=json.dumps(body).encode())
        assert done.returncode == OK
        assert [case["passed"] for case in json.loads(done.stdout)["test_results"]] == [True, False]

    def test_stderr_is_empty_when_all_is_well(self):
        done = kodewar("run", "-", stdin=b'{"code": "print(1)", "language": "python"}')
        assert (done.returncode, done.stderr) == (OK, b"")

    def test_several_at_once(self):
        def one(n):
            body = {"code": f"print({n})", "language": "python"}
            return json.loads(kodewar("run", "-", stdin=json.dumps(body).encode()).stdout)["output"]
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(one, range(8))) == [f"{n}\n" for n in range(8)]

    def test_from_any_directory(self, tmp_path):
        done = kodewar("run", "-", stdin=b'{"code": "print(1)", "language": "python"}', cwd=tmp_path)
        assert done.returncode == OK

    def test_with_no_environment_at_all(self):
        done = kodewar("run", "-", stdin=b'{"code": "print(1)", "language": "python"}', env={})
        assert done.returncode == OK and json.loads(done.stdout)["output"] == "1\n"

    def test_through_a_link_elsewhere(self, tmp_path):
        link = tmp_path / "kw"
        link.symlink_to(BINARY)
        done = subprocess.run([link, "run", "-"], input=b'{"code": "print(1)", "language": "python"}',
                              capture_output=True, timeout=60, check=False)
        assert done.returncode == OK


def started_sleeper(write, *arguments):
    """A run that has reached its program, and all processes below it."""
    process = start("run", *arguments, write(SLEEP))
    assert process.stdout.readline() == b"ready\n"
    below = descendants(process.pid)
    assert alive(below)
    return process, below


class TestEnds:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_a_signal_ends_it_and_the_box(self, write, number):
        process, below = started_sleeper(write)
        try:
            process.send_signal(number)
            assert process.wait(timeout=20) in (128 + number, -number)
            assert gone(below) == set()
        finally:
            stop(process)

    def test_sigkill_of_the_gate_ends_the_box(self, write):
        process, below = started_sleeper(write)
        try:
            process.kill()
            process.wait()
            assert gone(below) == set()
        finally:
            stop(process)

    def test_a_normal_end_leaves_no_process(self, write):
        code = PARROT + "import os, time\nif os.fork() == 0: os.setsid(); time.sleep(60)\n"
        process = start("run", write(code))
        try:
            assert process.stdout.readline() == b"ready\n"
            below = descendants(process.pid)
            process.stdin.close()
            assert process.wait(timeout=20) == OK
            assert gone(below) == set()
        finally:
            stop(process)

    def test_nobody_reads_stdout_any_more(self, write):
        code = "import time\nprint('ready', flush=True)\nwhile True:\n    print('more', flush=True)\n    time.sleep(0.01)"
        process = start("run", write(code))
        try:
            assert process.stdout.readline() == b"ready\n"
            below = descendants(process.pid)
            process.stdout.close()
            process.stdout = None
            assert process.wait(timeout=20) not in (OK, -signal.SIGSEGV, -signal.SIGABRT)
            assert gone(below) == set()
        finally:
            stop(process)

    @pytest.mark.parametrize("arguments, body", [
        (["run", "-"], b'{"code": "print(1)", "language": "python"}'), (["run", "-"], b"{"),
        (["languages"], b""), (["--help"], b"")], ids=["result", "refusal", "languages", "help"])
    def test_an_answer_that_cannot_be_written_is_no_success(self, arguments, body):
        with open("/dev/full", "wb") as full:
            done = kodewar(*arguments, stdin=body, stdout=full, stderr=subprocess.PIPE)
        assert done.returncode == FAILED and done.stderr != b""

    def test_stdout_and_stderr_may_be_closed(self, write):
        done = kodewar("run", write("print('x')"), stdout=None, stderr=None,
                       preexec_fn=lambda: [os.close(1), os.close(2)])
        assert done.returncode in (OK, FAILED)


class TestWithoutRoot:
    def test_run_file_is_refused_with_3_and_the_missing_layers(self, tmp_path):
        path = tmp_path / "a.py"
        path.write_text("print(1)")
        done = kodewar("run", "-", stdin=b'{"code": "print(1)", "language": "python"}',
                       user=NOBODY, group=NOBODY, extra_groups=[])
        assert done.returncode == HOST
        result = json.loads(done.stdout)
        assert list(result)[:4] == ["status", "output", "error", "test_results"]
        assert (result["status"], result["verdict"]) == ("error", "internal_error")
        assert result["error"].startswith("without root: no cgroup to limit boxes with: ")
        assert "systemd-run --user --scope -p Delegate=yes kodewar" in result["error"]
        assert done.stderr.startswith(b"kodewar run: without root: ")

    def test_doctor_says_unknown_never_ok_of_what_needs_root(self):
        done = kodewar("doctor", user=NOBODY, group=NOBODY, extra_groups=[])
        assert done.returncode == HOST
        assert re.search(rb"(?m)^unknown ", done.stdout) and b"without root" in done.stdout
        assert not re.search(rb"(?m)^ok\b", done.stdout)


class TestDoctor:
    def test_every_layer_is_ok_here(self):
        done = kodewar("doctor")
        layers = done.stdout.partition(b"\n\n")[0]  # what makes times differ comes behind
        lines = [line.split() for line in layers.splitlines()[1:]]
        states = {line[0] for line in lines if line[0] in (b"ok", b"missing", b"unknown", b"cold")
                  and not line[1].startswith(b"warm-")}
        assert len(lines) >= 10 and states == {b"ok"}, done.stdout
        assert done.returncode in (OK, FAILED)  # 1 where a warm runner could not be built

    def test_json(self):
        report = json.loads(kodewar("doctor", "--json").stdout)
        assert {layer["state"] for layer in report["layers"]} == {"ok"}
        assert {row["language"]: row["runner"] for row in report["runners"]} == {"python": "python", "javascript": "node"}
