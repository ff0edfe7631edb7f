# SPDX-License-Identifier: Apache-2.0
"""Test cases: one entry each, a fresh box each, and what the whole says of them."""

import os

import pytest

from contract import client
from contract.programs import HELLO, LANGUAGES, SQUARE

# More cases than lanes, so that lanes are used again.
MANY = 2 * (os.cpu_count() or 1) + 4

# Ends as its input says; says so first.
ACT = """\
import os, sys, time
what = input()
print(what, flush=True)
print('about', what, file=sys.stderr)
if what == 'fail': sys.exit(3)
if what == 'crash': os.abort()
if what == 'sleep': time.sleep(60)
if what == 'burn':
    while time.process_time() < 0.2: pass
if what == 'grow': x = bytearray(b'x') * (60 << 20)
"""


def act(*words, expected=None):
    return [{"input": word, "expected": word if expected is None else expected} for word in words]


class TestTestResults:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_passed_is_true_exactly_when_accepted(self, judge, language):
        result = judge(SQUARE[language], language, test_cases=[
            {"input": "7", "expected": "49"}, {"input": "8", "expected": "63"}, {"input": "-3", "expected": "9"}])
        assert [case["passed"] for case in result["test_results"]] == [True, False, True]
        assert [case["verdict"] for case in result["test_results"]] == ["accepted", "wrong_answer", "accepted"]

    def test_one_entry_per_case_in_order(self, judge):
        words = [f"w{n}" for n in range(20)]
        result = judge(ACT, test_cases=act(*words))
        assert [case["actual"] for case in result["test_results"]] == [word + "\n" for word in words]

    def test_equal_cases_are_all_answered(self, judge):
        assert len(judge(ACT, test_cases=act("a", "a", "a"))["test_results"]) == 3

    def test_each_has_its_own_end(self, judge):
        result = judge(ACT, test_cases=act("ok", "fail", "crash"))
        assert [(case["verdict"], case["exit_code"], case["signal"]) for case in result["test_results"]] == [
            ("accepted", 0, None), ("runtime_error", 3, None), ("runtime_error", None, "SIGABRT")]

    def test_each_has_its_own_stderr_and_error(self, judge):
        result = judge(ACT, test_cases=act("ok", "fail"))
        assert [case["stderr"] for case in result["test_results"]] == ["about ok\n", "about fail\n"]
        assert result["test_results"][0]["error"] == "" and "3" in result["test_results"][1]["error"]

    def test_input_and_expected_come_back_as_asked(self, judge):
        cases = [{"input": "é\0\n", "expected": "\u2028 \U0001f600"}]
        result = judge(HELLO["python"], test_cases=cases)
        assert {name: result["test_results"][0][name] for name in ("input", "expected")} == cases[0]

    def test_actual_is_the_whole_stdout(self, judge):
        result = judge("print('x' * 300000)", test_cases=[{"input": "", "expected": "x"}])
        assert result["test_results"][0]["actual"] == "x" * 300000 + "\n"

    def test_1000_cases_are_allowed(self, judge):
        n = 1000 if client.BACKEND == "native" else 50  # each is a container there: minutes
        result = judge(SQUARE["c"], "c", test_cases=[{"input": str(i), "expected": str(i * i)} for i in range(n)])
        assert result["verdict"] == "accepted" and len(result["test_results"]) == n

    def test_waiting_for_a_lane_never_counts_as_wall_time(self, judge):
        cases = [{"input": "", "expected": ""}] * MANY
        result = judge("import time; time.sleep(0.2)", limits={"wall_ms": 1000}, test_cases=cases)
        assert result["verdict"] == "accepted"
        assert max(case["usage"]["wall_ms"] for case in result["test_results"]) < 1000

    def test_a_compiled_program_is_compiled_once(self, judge):
        result = judge(SQUARE["c"], "c", test_cases=[{"input": "2", "expected": "4"}] * 5)
        assert result["verdict"] == "accepted" and result["compile"]["exit_code"] == 0


class TestSummaryOfCases:
    def test_verdict_is_accepted_when_all_are(self, judge):
        result = judge(ACT, test_cases=act("a", "b"))
        assert (result["verdict"], result["exit_code"], result["signal"]) == ("accepted", 0, None)

    def test_verdict_exit_code_and_signal_are_those_of_the_first_not_accepted(self, judge):
        result = judge(ACT, test_cases=act("ok", "crash", "fail"))
        assert (result["verdict"], result["exit_code"], result["signal"]) == ("runtime_error", None, "SIGABRT")

    def test_first_is_by_order_of_the_cases_not_of_time(self, judge):
        cases = act("sleep", "fail", "fail")
        cases[0]["limits"] = {"wall_ms": 600}
        assert judge(ACT, test_cases=cases)["verdict"] == "time_limit"

    def test_a_wrong_answer_comes_before_a_later_crash(self, judge):
        result = judge(ACT, test_cases=act("ok") + act("a", expected="b") + act("fail"))
        assert (result["verdict"], result["exit_code"]) == ("wrong_answer", 0)

    def test_error_is_that_of_the_first_that_did_not_end_normally(self, judge):
        result = judge(ACT, test_cases=act("ok") + act("a", expected="b") + act("fail", "crash"))
        assert result["status"] == "error"
        assert result["error"] == result["test_results"][2]["error"]

    def test_output_is_all_stdout_joined_with_nothing_between(self, judge):
        code = "import sys; sys.stdout.write(input())"
        result = judge(code, test_cases=[{"input": w, "expected": w} for w in ("a", "", "b", "c")])
        assert result["output"] == "abc"

    def test_output_is_cut_at_output_bytes(self, judge):
        code = "print(input() * 599)"
        result = judge(code, limits={"output_bytes": 1000},
                       test_cases=[{"input": w, "expected": w * 599} for w in "ab"])
        assert result["output"] == "a" * 599 + "\n" + "b" * 400
        assert result["truncated"]["output"] is True

    def test_a_cut_of_the_joined_output_fails_no_case(self, judge):
        code = "print(input() * 599)"
        result = judge(code, limits={"output_bytes": 1000},
                       test_cases=[{"input": w, "expected": w * 599} for w in "ab"])
        assert result["verdict"] == "accepted"
        assert [case["truncated"]["output"] for case in result["test_results"]] == [False, False]

    def test_cpu_and_wall_are_sums_and_memory_the_maximum(self, judge):
        result = judge(ACT, test_cases=act("burn", "burn", "grow"))
        cases = [case["usage"] for case in result["test_results"]]
        assert result["usage"]["cpu_ms"] >= 400
        for name in ("cpu_ms", "wall_ms"):
            # Each is rounded to whole milliseconds.
            assert abs(result["usage"][name] - sum(usage[name] for usage in cases)) <= len(cases)
        assert result["usage"]["memory_kb"] == max(usage["memory_kb"] for usage in cases) >= 60 * 1024


class TestSkippedCases:
    def check_skipped(self, case):
        assert (case["verdict"], case["passed"], case["actual"]) == ("skipped", False, "")
        assert (case["exit_code"], case["signal"], case["stderr"]) == (None, None, "")
        assert case["usage"] == {"cpu_ms": 0, "wall_ms": 0, "memory_kb": 0}

    def test_stop_on_failure_skips_what_follows_the_first_failure(self, judge):
        result = judge(ACT, stop_on_failure=True, test_cases=act("a", "fail", "b", "c"))
        assert [case["verdict"] for case in result["test_results"]] == [
            "accepted", "runtime_error", "skipped", "skipped"]
        for case in result["test_results"][2:]:
            self.check_skipped(case)

    def test_stop_on_failure_stops_at_a_wrong_answer_too(self, judge):
        result = judge(ACT, stop_on_failure=True, test_cases=act("a", expected="b") + act("c", "d"))
        assert [case["verdict"] for case in result["test_results"]] == ["wrong_answer", "skipped", "skipped"]
        assert result["verdict"] == "wrong_answer"

    def test_without_stop_on_failure_all_run(self, judge):
        result = judge(ACT, stop_on_failure=False, test_cases=act("fail", "b", "fail", "c"))
        assert [case["verdict"] for case in result["test_results"]] == [
            "runtime_error", "accepted", "runtime_error", "accepted"]

    def test_stop_on_failure_without_a_failure_runs_all(self, judge):
        result = judge(ACT, stop_on_failure=True, test_cases=act("a", "b", "c"))
        assert result["verdict"] == "accepted"

    def test_the_skipped_say_why(self, judge):
        result = judge(ACT, stop_on_failure=True, test_cases=act("fail", "b"))
        assert result["test_results"][1]["error"].endswith(".")

    def test_a_spent_budget_skips_the_rest(self, judge):
        many = [{"input": "sleep", "expected": "sleep"}] * MANY
        result = judge(ACT, limits={"total_wall_ms": 700}, test_cases=many)
        assert result["status"] == "error" and result["verdict"] == "time_limit"
        self.check_skipped(result["test_results"][-1])

    def test_a_spent_budget_still_gives_one_entry_per_case(self, judge):
        many = [{"input": "sleep", "expected": "sleep"}] * MANY
        result = judge(ACT, limits={"total_wall_ms": 700}, test_cases=many)
        assert {case["verdict"] for case in result["test_results"]} == {"time_limit", "skipped"}
        assert "total_wall_ms" in result["limits_hit"]

    def test_a_compile_failure_skips_all(self, judge):
        result = judge("int main(void) { return x; }", "c", test_cases=act("a", "b"))
        assert result["verdict"] == "compile_error"
        assert len(result["test_results"]) == 2
        for case in result["test_results"]:
            self.check_skipped(case)


class TestFreshBoxes:
    LEAVE = "import os\ndirs = ('/tmp', '/box', '/dev/shm')\n" \
            "print([sorted(set(os.listdir(d)) - {'main.py'}) for d in dirs])\n" \
            "for d in dirs: open(d + '/left', 'w').write('x')"

    def test_files_of_one_case_are_not_seen_by_another(self, judge):
        result = judge(self.LEAVE, test_cases=[{"input": "", "expected": ""}] * MANY)
        # The three may be one file system; what counts is that nothing is there before we write.
        assert {case["actual"] for case in result["test_results"]} == {result["test_results"][0]["actual"]}
        assert "left" not in result["output"]

    def test_processes_of_one_case_are_not_seen_by_another(self, judge):
        code = "import os, time\nprint([p for p in os.listdir('/proc') if p.isdigit() and int(p) > os.getpid()])\n" \
               "if os.fork() == 0:\n    os.setsid(); time.sleep(30)"
        result = judge(code, test_cases=[{"input": "", "expected": "[]"}] * MANY)
        assert result["verdict"] == "accepted"

    def test_disk_of_one_case_is_not_charged_to_another(self, judge):
        code = "open('/tmp/x', 'wb').write(b'x' * (700 << 10))"
        result = judge(code, limits={"disk_kb": 1024}, test_cases=[{"input": "", "expected": ""}] * MANY)
        assert result["verdict"] == "accepted"

    def test_system_v_memory_of_one_case_is_not_seen_by_another(self, judge):
        code = "#include <stdio.h>\n#include <sys/ipc.h>\n#include <sys/shm.h>\nint main(void)\n{\n" \
               "\tputs(shmget(4711, 4096, 0) < 0 ? \"none\" : \"left\");\n\tshmget(4711, 4096, IPC_CREAT | 0666);\n" \
               "\treturn 0;\n}\n"
        result = judge(code, "c", test_cases=[{"input": "", "expected": "none"}] * MANY)
        assert result["verdict"] == "accepted"

    def test_the_source_is_fresh_for_every_case(self, judge):
        code = "print('one')\nopen(__file__, 'w').write('print(2)')"
        result = judge(code, test_cases=[{"input": "", "expected": "one"}] * MANY)
        assert result["verdict"] in ("accepted", "runtime_error")
        assert {case["actual"] for case in result["test_results"]} == {"one\n"}

    def test_a_compiled_artefact_is_fresh_for_every_case(self, judge):
        code = "#include <stdio.h>\n#include <unistd.h>\nint main(int argc, char **argv)\n{\n\t(void)argc;\n" \
               "\tputs(\"one\");\n\tunlink(argv[0]);\n\tFILE *f = fopen(argv[0], \"w\");\n" \
               "\tif (f)\n\t\tfputs(\"broken\", f);\n\treturn 0;\n}\n"
        result = judge(code, "c", test_cases=[{"input": "", "expected": "one"}] * MANY)
        assert result["verdict"] == "accepted"
