# SPDX-License-Identifier: Apache-2.0
"""Which runner a request gets, and requests by line: `kodewar bench --requests`."""

import json
import subprocess

import pytest

from command_line import HOST, OK, REFUSED, SLEEP, SQUARE, TESTS, kodewar, start, stop


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
