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

from command_line import BINARY, alive, descendants, gone, kodewar, start, stop

OK, FAILED, REFUSED, HOST = 0, 1, 2, 3
NOBODY = 65534

SQUARE = "print(int(input()) ** 2)\n"
TESTS = [{"input": "7", "expected": "49"}, {"input": "8", "expected": "63"}]
PROGRAMS = {
    "hello.py": "print('hello')\n",
    "hello.js": "console.log('hello')\n",
    "hello.c": "#include <stdio.h>\nint main(void) { puts(\"hello\"); return 0; }\n",
}
# Answers each line at once, so that a test can wait for it.
PARROT = "import sys\nprint('ready', flush=True)\nfor line in sys.stdin: print('you said', line, end='', flush=True)\n"
SLEEP = "import time\nprint('ready', flush=True)\ntime.sleep(60)\n"


@pytest.fixture(name="write")
def fixture_write(tmp_path):
    """Writes a file for the test and gives its path."""
    def write(text, name="main.py"):
        path = tmp_path / name
        path.write_text(text if isinstance(text, str) else json.dumps(text))
        return path
    return write


class TestRunFile:
    @pytest.mark.parametrize("name", PROGRAMS)
    def test_language_is_told_from_the_ending(self, write, name):
        done = kodewar("run", write(PROGRAMS[name], name))
        assert (done.returncode, done.stdout) == (OK, b"hello\n")

    def test_language_can_be_named(self, write):
        done = kodewar("run", "--language", "JS", write(PROGRAMS["hello.js"], "hello.txt"))
        assert (done.returncode, done.stdout) == (OK, b"hello\n")

    def test_an_unknown_ending_is_refused(self, write):
        done = kodewar("run", write("x", "hello.cob"))
        assert done.returncode == REFUSED and done.stdout == b"" and b"--language" in done.stderr
        assert b"hello.cob" in done.stderr and b".py" in done.stderr

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
        ["run", "--language", "cobol", "a.py"], ["run", "--tests"], ["run", "--quiet=yes", "a.py"],
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


class TestRunner:
    def test_cold_is_what_it_says(self):
        body = b'{"code": "print(1)", "language": "python", "test_cases": [{"input": "", "expected": "1"}]}'
        result = json.loads(kodewar("run", "--runner", "cold", "-", stdin=body).stdout)
        assert (result["runner"], result["test_results"][0]["runner"]) == ("cold", "cold")

    @pytest.mark.parametrize("options, fresh, runner", [
        ([], False, "python"), (["--runner", "auto"], False, "python"), (["--runner", "warm"], False, "python"),
        (["--runner", "cold"], False, "exec"), ([], True, "exec")], ids=str)
    def test_the_plan_tells_it(self, options, fresh, runner):
        body = json.dumps({"code": "", "language": "python", "fresh": fresh}).encode()
        plan = json.loads(kodewar("plan", "--json", *options, "-", stdin=body).stdout)
        assert [step["runner"] for step in plan["steps"]] == [runner]

    def test_the_plan_for_people_tells_it(self, write):
        assert b"step 1: run, runner python\n" in kodewar("plan", "--explain", write("")).stdout

    @pytest.mark.parametrize("command", ["run", "plan", "bench"])
    def test_another_word_is_refused(self, write, command):
        done = kodewar(command, "--runner", "hot", write(""))
        assert done.returncode == REFUSED and b'must be one of auto|cold|warm|pooled, not "hot"' in done.stderr


def lines_of(requests):
    return b"".join(json.dumps(request).encode() + b"\n" for request in requests)


class TestBenchRequests:
    HELLO = {"code": "print('hello')", "language": "python"}

    def test_results_are_those_of_run(self):
        requests = [self.HELLO, {"code": SQUARE, "language": "python", "test_cases": TESTS}, {"code": ""}]
        done = kodewar("bench", "--requests", "--runner", "cold", stdin=lines_of(requests))
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        assert done.returncode == OK and [answer["line"] for answer in answers] == [1, 2, 3]
        for request, answer in zip(requests, answers):
            alone = json.loads(kodewar("run", "-", stdin=json.dumps(request).encode()).stdout)
            assert list(answer) == ["nsec", "line", *alone]
            varying = {"id", "usage", "nsec", "line", "test_results"}
            assert {k: v for k, v in answer.items() if k not in varying} == {
                k: v for k, v in alone.items() if k not in varying}
        assert answers[0]["nsec"] > answers[0]["usage"]["wall_ms"] * 500_000 and answers[2]["nsec"] == 0

    def test_each_is_answered_before_the_next_is_asked(self):
        process = start("bench", "--requests", "--in-flight", "4")
        try:
            for number in range(1, 4):
                process.stdin.write(lines_of([{"code": f"print({number})", "language": "python"}]))
                process.stdin.flush()
                answer = json.loads(process.stdout.readline())
                assert (answer["line"], answer["output"]) == (number, f"{number}\n")
            process.stdin.close()
            assert process.wait(timeout=20) == OK
        finally:
            stop(process)

    def test_several_at_once_are_not_mixed_up(self):
        requests = [{"code": f"print({number})", "language": "python"} for number in range(1, 25)]
        done = kodewar("bench", "--requests", "--in-flight", "4", stdin=lines_of(requests))
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        assert sorted(answer["line"] for answer in answers) == list(range(1, 25))
        assert all(answer["output"] == f"{answer['line']}\n" for answer in answers)

    def test_the_quick_overtakes_the_slow(self):
        process = start("bench", "--requests", "--in-flight", "2", "--lanes", "2")
        try:
            process.stdin.write(lines_of([{"code": SLEEP, "language": "python"}, self.HELLO]))
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["line"] == 2
        finally:
            stop(process)

    def test_a_plain_file_without_a_last_newline(self, write):
        path = write(lines_of([self.HELLO, self.HELLO]).decode().rstrip("\n"), "requests")
        with open(path, "rb") as file:
            done = kodewar("bench", "--requests", stdin=file)
        assert [json.loads(line)["output"] for line in done.stdout.splitlines()] == ["hello\n"] * 2

    def test_no_line_is_no_answer(self):
        done = kodewar("bench", "--requests", stdin=subprocess.DEVNULL)
        assert (done.returncode, done.stdout) == (OK, b"")

    def test_a_line_that_is_no_request_is_answered_and_the_next_is_run(self):
        done = kodewar("bench", "--requests", "--max-body", "1K",
                       stdin=b"{\n\n" + b"x" * 2000 + b"\n" + lines_of([self.HELLO]))
        errors = [json.loads(line)["error"] for line in done.stdout.splitlines()]
        assert errors[0].startswith("body: is not valid JSON")
        assert errors[1:] == ["body: is empty", "body: is larger than 1024 bytes", ""]

    def test_a_large_request(self):
        request = {"code": "print(len(input()))", "language": "python", "stdin": "x" * 3_000_000}
        done = kodewar("bench", "--requests", stdin=lines_of([request, self.HELLO]))
        assert [json.loads(line)["output"] for line in done.stdout.splitlines()] == ["3000000\n", "hello\n"]

    @pytest.mark.parametrize("arguments", [
        [], ["--requests", "--", "/bin/true"], ["--requests", "-L", "cpu_ms=1"], ["--requests", "--in-flight", "0"],
        ["--requests", "--in-flight", "64"], ["/bin/true"]], ids=" ".join)
    def test_a_wrong_command_line_exits_2(self, arguments):
        done = kodewar("bench", *arguments)
        assert done.returncode == REFUSED and done.stdout == b"" and done.stderr != b""

    def test_an_answer_that_cannot_be_written_ends_it(self):
        with open("/dev/full", "wb") as full:
            done = kodewar("bench", "--requests", stdin=lines_of([self.HELLO]), stdout=full, stderr=subprocess.PIPE)
        assert done.returncode == HOST and b"answer line 1" in done.stderr


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


class TestHelp:
    COMMANDS = ["run", "plan", "languages", "doctor"]

    @pytest.mark.parametrize("arguments", [["--help"], ["help"]], ids=" ".join)
    def test_help_names_every_command(self, arguments):
        done = kodewar(*arguments)
        assert done.returncode == OK
        for name in self.COMMANDS:
            assert re.search(rb"\b%s\b" % name.encode(), done.stdout), name

    @pytest.mark.parametrize("name", COMMANDS)
    def test_every_command_has_its_own(self, name):
        done = kodewar(name, "--help")
        assert done.returncode == OK and done.stderr == b""
        assert name.encode() in done.stdout and b"--help" in done.stdout

    @pytest.mark.parametrize("option", ["--tests", "--limit", "--json", "--language", "--stop-on-failure"])
    def test_help_of_run_has_its_options(self, option):
        assert option.encode() in kodewar("run", "--help").stdout

    def test_help_fits_a_terminal(self):
        for name in self.COMMANDS:
            assert max(len(line) for line in kodewar(name, "--help").stdout.decode().splitlines()) <= 80

    def test_help_needs_no_privilege(self):
        assert kodewar("run", "--help", user=NOBODY, group=NOBODY, extra_groups=[]).returncode == OK


class TestPlan:
    def test_explain_prints_what_would_be_done(self, write):
        done = kodewar("plan", "--explain", write("print(1)"))
        assert done.returncode == OK
        assert b"/usr/bin/python3.11" in done.stdout and b"main.py" in done.stdout

    @pytest.mark.parametrize("limit, value", [
        ("cpu_ms", 30000), ("wall_ms", 60000), ("memory_kb", 524288), ("processes", 64), ("open_files", 1024),
        ("output_bytes", 1048576), ("disk_kb", 65536), ("inodes", 4096), ("file_kb", 65536)])
    def test_json_has_the_default_limits(self, write, limit, value):
        plan = json.loads(kodewar("plan", "--json", write("print(1)")).stdout)
        assert [step["limits"][limit] for step in plan["steps"]] == [value]

    def test_json_has_the_budget(self, write):
        assert json.loads(kodewar("plan", "--json", write("print(1)")).stdout)["total_wall_ms"] == 300000

    def test_a_compiled_language_has_a_step_more(self, write):
        plan = json.loads(kodewar("plan", "--json", write(PROGRAMS["hello.c"], "hello.c")).stdout)
        assert [step["kind"] for step in plan["steps"]] == ["compile", "run"]

    def test_one_step_per_case_and_its_limits(self, write):
        tests = [TESTS[0], {**TESTS[1], "limits": {"cpu_ms": 77}}]
        plan = json.loads(kodewar("plan", "--json", "--tests", write(tests, "t.json"), write(SQUARE)).stdout)
        assert [step["limits"]["cpu_ms"] for step in plan["steps"]] == [30000, 77]

    def test_expected_is_in_no_plan(self, write):
        tests = [{"input": "7", "expected": "secret-answer"}]
        for form in ("--json", "--explain"):
            done = kodewar("plan", form, "--tests", write(tests, "t.json"), write(SQUARE))
            assert done.returncode == OK and b"secret-answer" not in done.stdout

    def test_a_request_can_be_explained(self):
        done = kodewar("plan", "--json", "-", stdin=b'{"code": "", "language": "py", "limits": {"cpu_ms": 5}}')
        assert json.loads(done.stdout)["steps"][0]["limits"]["cpu_ms"] == 5

    def test_one_byte_is_no_bytes(self):
        done = kodewar("plan", "-", stdin=b'{"code": "", "language": "py", "stdin": "7"}')
        assert re.search(rb"stdin +1 byte\n", done.stdout)

    def test_a_refused_request_exits_2(self):
        assert kodewar("plan", "-", stdin=b"{").returncode == REFUSED

    def test_nothing_is_run_and_no_privilege_needed(self):
        done = kodewar("plan", "--explain", "-", stdin=b'{"code": "1/0", "language": "python"}',
                       user=NOBODY, group=NOBODY, extra_groups=[])
        assert done.returncode == OK and b"Traceback" not in done.stdout + done.stderr


class TestLanguages:
    def test_all_are_listed_with_their_aliases(self):
        text = kodewar("languages").stdout.decode()
        for word in ("python", "py", "python3", "javascript", "js", "node", "c", ".py", ".js", ".c"):
            assert re.search(rf"(?<![\w.]){re.escape(word)}(?![\w.])", text), word

    def test_json(self):
        languages = {entry["name"]: entry for entry in json.loads(kodewar("languages", "--json").stdout)}
        assert {"python", "javascript", "c"} <= set(languages)
        assert set(languages["python"]["aliases"]) == {"py", "python3"}
        assert {"js", "node"} <= set(languages["javascript"]["aliases"])

    def test_who_starts_their_programs_is_told(self):
        listed = json.loads(kodewar("languages", "--json").stdout)
        assert {language["name"]: language["runner"] for language in listed} == {
            "c": "exec", "javascript": "node", "python": "python"}
        assert b"kodewar doctor" in kodewar("help", "languages").stdout

    def test_no_privilege_is_needed(self):
        assert kodewar("languages", user=NOBODY, group=NOBODY, extra_groups=[]).returncode == OK

    def test_a_broken_file_is_refused_at_start_with_line_and_column(self, tmp_path):
        (tmp_path / "broken.yaml").write_text("name: broken\ncolour: blue\n")
        done = kodewar("languages", "--languages-dir", tmp_path)
        assert done.returncode != OK
        assert re.search(rb"broken\.yaml:2:\d+|broken\.yaml.*line 2,? column \d+", done.stderr), done.stderr

    @pytest.mark.parametrize("command", [["languages"], ["doctor"], ["plan", "/dev/null"], ["run", "/dev/null"]],
                             ids=lambda words: words[0])
    def test_a_broken_file_is_told_in_json_and_not_blamed_on_the_host(self, tmp_path, command):
        (tmp_path / "broken.yaml").write_text("name: broken\ncolour: blue\n")
        done = kodewar(command[0], "--json", "--languages-dir", tmp_path, *command[1:])
        assert done.returncode == HOST and b"host" not in done.stderr
        result = json.loads(done.stdout)
        assert result["status"] == "error" and "broken.yaml" in result["error"]


class TestManual:
    def test_the_manual_is_roff_made_from_the_tables(self):
        done = kodewar("help", "--man")
        assert done.returncode == OK and b".TH" in done.stdout
        for word in (b"stop\\-on\\-failure", b"total_wall_ms", b"security_violation", b"denied_syscalls", b"Test case",
                     b"Compare object", b"actual"):
            assert word in done.stdout or word.replace(b"\\-", b"-") in done.stdout, word


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
        lines = [line.split() for line in done.stdout.splitlines()[1:]]
        states = {line[0] for line in lines if line[0] in (b"ok", b"missing", b"unknown", b"cold")
                  and not line[1].startswith(b"warm-")}
        assert len(lines) >= 10 and states == {b"ok"}, done.stdout
        assert done.returncode in (OK, FAILED)  # 1 where a warm runner could not be built

    def test_json(self):
        report = json.loads(kodewar("doctor", "--json").stdout)
        assert {layer["state"] for layer in report["layers"]} == {"ok"}
        assert {row["language"]: row["runner"] for row in report["runners"]} == {"python": "python", "javascript": "node"}
