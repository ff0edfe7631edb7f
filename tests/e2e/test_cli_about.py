# SPDX-License-Identifier: Apache-2.0
"""What the command line tells without running anything: help, plans, languages, the manual."""

import json
import re

import pytest

from command_line import HOST, NOBODY, OK, PROGRAMS, REFUSED, SQUARE, TESTS, kodewar


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
        runners = {language["name"]: language["runner"] for language in listed}
        assert {name: runner for name, runner in runners.items() if runner != "exec"} == {
            "javascript": "node", "python": "python"} and runners["c"] == "exec"
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
