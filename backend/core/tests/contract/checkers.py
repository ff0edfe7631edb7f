# SPDX-License-Identifier: Apache-2.0
"""Checkers: a program of the request's own that judges, each case in a box of its own."""

import pytest

from contract.programs import ECHO

# Reads the three files as testlib's checkers do, and answers by what the program printed.
TESTLIB_C = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(int argc, char **argv)
{
    char word[64] = "", answer[64] = "";
    FILE *out = fopen(argv[2], "r"), *ans = fopen(argv[3], "r");
    if (argc != 4 || !fopen(argv[1], "r") || fscanf(ans, "%63s", answer) != 1)
        return 3;
    if (fscanf(out, "%63s", word) != 1) { fputs("unexpected end of file", stderr); return 8; }
    fprintf(stderr, "%s for %s\n", word, answer);
    if (!strcmp(word, answer)) return 0;
    if (!strncmp(word, "exit", 4)) return atoi(word + 4);
    if (!strcmp(word, "abort")) abort();
    if (!strcmp(word, "loop")) for (;;) ;
    if (!strcmp(word, "memory")) for (;;) memset(malloc(1 << 20), 1, 1 << 20);
    if (!strcmp(word, "flood")) for (;;) puts("x");
    return 1;
}
"""

PARTIAL_PY = """
import sys
print("points", open(sys.argv[2]).read().strip(), file=sys.stderr)
sys.exit(7)
"""

LIMITS = {"cpu_ms": 500, "wall_ms": 5000, "memory_kb": 65536, "output_bytes": 100000}
CHECKER = {"language": "c", "code": TESTLIB_C, "limits": LIMITS}
# What the program prints, the verdict that it gets, how the error begins.
ANSWERS = [
    ("right", "accepted", ""), ("exit1", "wrong_answer", ""), ("exit2", "presentation_error", ""),
    ("exit4", "presentation_error", ""), ("", "presentation_error", ""), ("anything", "wrong_answer", ""),
    ("exit3", "internal_error", "it found the test itself wrong"), ("exit9", "internal_error", "exit code 9 is no answer"),
    ("exit7", "internal_error", "it gave points that the case does not have"), ("abort", "internal_error", "Runtime error: ended by signal SIGABRT"),
    ("loop", "internal_error", "Time limit exceeded"), ("memory", "internal_error", "Memory limit exceeded"),
    ("flood", "internal_error", "Output limit exceeded"),
]


@pytest.fixture(scope="module")
def answered(judge):
    cases = [{"input": word, "expected": "right"} for word, _, _ in ANSWERS]
    return judge(ECHO["c"], "c", checker=CHECKER, test_cases=cases)


def one(judge, checker, output="x", expected="", **more):
    return judge(ECHO["c"], "c", checker=checker, test_cases=[{"input": output, "expected": expected, **more}])


class TestChecker:
    @pytest.mark.parametrize("number", range(len(ANSWERS)), ids=[row[0] or "nothing" for row in ANSWERS])
    def test_its_exit_code_is_the_verdict_and_everything_else_its_failure(self, answered, number):
        _, verdict, error = ANSWERS[number]
        case = answered["test_results"][number]
        assert case["verdict"] == verdict
        assert not error or case["error"].startswith("Internal error: the checker failed: " + error), case["error"]

    def test_what_it_writes_to_stderr_is_the_comment(self, answered):
        assert [case["comment"] for case in answered["test_results"][:2]] == ["right for right", "exit1 for right"]

    def test_it_is_compiled_once(self, answered):
        assert answered["checker"]["exit_code"] == 0 and answered["checker"]["usage"]["wall_ms"] >= 1

    def test_usage_is_the_programs_and_the_checkers_is_told_apart(self, answered):
        assert answered["test_results"][10]["checker"]["usage"]["cpu_ms"] >= 500
        assert answered["test_results"][10]["usage"]["cpu_ms"] < 400

    def test_the_program_may_fail_before_it_is_asked(self, judge):
        result = judge("raise SystemExit(2)", checker=CHECKER, test_cases=[{"input": "", "expected": "right"}])
        assert result["verdict"] == "runtime_error" and result["test_results"][0]["checker"] is None

    def test_a_compile_error_of_the_program_comes_first(self, judge):
        result = judge("int main(", "c", checker=CHECKER, test_cases=[{"input": "", "expected": ""}])
        assert result["verdict"] == "compile_error" and result["checker"]["exit_code"] is None

    def test_one_that_does_not_compile_is_told_apart_from_the_program(self, judge):
        result = one(judge, {"language": "c", "code": "int main("})
        assert result["verdict"] == "internal_error" and result["compile"]["exit_code"] == 0
        assert result["error"].startswith("Internal error: the checker could not be compiled: Compile error: exit code 1.")
        assert result["test_results"][0]["verdict"] == "skipped" and "main.c" in result["checker"]["output"]

    def test_stop_on_failure_is_about_what_it_says(self, judge):
        cases = [{"input": word, "expected": "right"} for word in ("right", "wrong", "right")]
        result = judge(ECHO["c"], "c", checker=CHECKER, stop_on_failure=True, test_cases=cases)
        assert [case["verdict"] for case in result["test_results"]] == ["accepted", "wrong_answer", "skipped"]

    def test_files_beside_it_are_there_when_it_is_compiled(self, judge):
        checker = {"language": "c", "code": '#include "own.h"\nint main(void) { return CODE; }',
                   "files": [{"name": "own.h", "content": "#define CODE 2\n"}]}
        assert one(judge, checker)["verdict"] == "presentation_error"

    def test_args_follow_those_of_the_protocol(self, judge):
        checker = {"language": "python", "args": ["-a", "b"],
                   "code": "import sys; print(*sys.argv[1:], file=sys.stderr)"}
        case = one(judge, checker)["test_results"][0]
        assert case["verdict"] == "accepted" and case["comment"] == "input output answer -a b"

    def test_it_gets_bytes_as_they_were_printed(self, judge):
        checker = {"language": "python", "code": "import sys; print(open('output', 'rb').read(), file=sys.stderr)"}
        result = judge("import os; os.write(1, b'\\xff\\x00\\r\\n')", checker=checker,
                       test_cases=[{"input": "", "expected": ""}])
        assert result["test_results"][0]["comment"] == r"b'\xff\x00\r\n'"


class TestPoints:
    @pytest.mark.parametrize("said, verdict", [
        ("0.5 half", "partial"), ("1", "accepted"), ("0", "wrong_answer"), ("1.5", "internal_error"), ("-1", "internal_error"),
        ("nan", "internal_error"), ("inf", "internal_error"), ("many", "internal_error"), ("", "internal_error")])
    def test_exit_code_7_gives_points(self, judge, said, verdict):
        cases = [{"input": word, "expected": ""} for word in ("0.5 half", "1", "0", "1.5", "-1", "nan", "inf", "many", "")]
        results = judge(ECHO["c"], "c", checker={"language": "python", "code": PARTIAL_PY}, test_cases=cases)["test_results"]
        assert next(case for case in results if case["input"] == said)["verdict"] == verdict


class TestKattisChecker:
    CODE = """
import os, sys
given, answer, directory = sys.argv[1:4]
open(os.path.join(directory, "judgemessage.txt"), "w").write("written")
print(sys.argv[4:], file=sys.stderr)
sys.exit(42 if sys.stdin.read() == open(answer).read() and open(given).read() == "in" else 43)
"""

    def test_the_output_is_its_stdin_and_42_accepts(self, judge):
        checker = {"language": "python", "code": self.CODE, "protocol": "kattis", "args": ["case_sensitive"]}
        cases = [{"input": "in", "expected": "in"}, {"input": "in", "expected": "out"}]
        result = judge(ECHO["c"], "c", checker=checker, test_cases=cases)
        assert [case["verdict"] for case in result["test_results"]] == ["accepted", "wrong_answer"]
        assert result["test_results"][0]["comment"] == "['case_sensitive']"

    @pytest.mark.parametrize("code", [0, 1])
    def test_a_crash_or_a_plain_end_is_no_answer(self, judge, code):
        checker = {"language": "python", "code": f"raise SystemExit({code})", "protocol": "kattis"}
        assert one(judge, checker)["verdict"] == "internal_error"


class TestCheckerSecrecy:
    def test_what_is_expected_is_in_the_checkers_box_alone(self, judge):
        hunt = ("import os\nfor d, _, names in os.walk('/box'): print(d, sorted(names))\n"
                "print([k for k in os.environ.values() if 'SECRET' in k])")
        cases = [{"input": "", "expected": "SECRET"}] * 2
        result = judge(hunt, checker={"language": "python", "code": "pass"}, test_cases=cases)
        assert [case["actual"] for case in result["test_results"]] == ["/box ['main.py']\n[]\n"] * 2

    def test_files_that_the_program_leaves_reach_no_checker(self, judge):
        leave = "for n in ('input', 'output', 'answer'):\n    open(n, 'w').write('forged')\nprint('wrong')"
        checker = {"language": "python", "code": "import sys; print(open('answer').read() + open('output').read(), file=sys.stderr)"}
        result = judge(leave, checker=checker, test_cases=[{"input": "", "expected": "true "}])
        assert result["test_results"][0]["comment"] == "true wrong"

    def test_a_checkers_box_is_new_for_each_case(self, judge):
        checker = {"language": "python", "code": "import os, sys; print(sorted(os.listdir('/tmp')), file=sys.stderr); open('/tmp/x', 'w')"}
        cases = [{"input": "", "expected": ""}] * 3
        result = judge(ECHO["c"], "c", checker=checker, test_cases=cases)
        assert {case["comment"] for case in result["test_results"]} == {"[]"}


class TestCheckerRefusals:
    @pytest.mark.parametrize("change, field, rule", [
        ({"checker": None}, "checker", "must be an object"),
        ({"checker": {"language": "c"}}, "checker.code", "is required"),
        ({"checker": {"code": ""}}, "checker.language", "is required"),
        ({"checker": {"language": "klingon", "code": ""}}, "checker.language", "is not known"),
        ({"checker": {**CHECKER, "protocol": "spj"}}, "checker.protocol", "must be"),
        ({"checker": {**CHECKER, "mode": 1}}, "checker.mode", "is not a known field"),
        ({"checker": {**CHECKER, "args": ["a\0"]}}, "checker.args[0]", "must not hold NUL"),
        ({"checker": {**CHECKER, "limits": {"cpu_ms": 0}}}, "checker.limits.cpu_ms", "must be an integer of at least 1"),
        ({"checker": {**CHECKER, "limits": {"cpu_ms": 10**9}}}, "checker.limits.cpu_ms", "must be at most"),
        ({"checker": {**CHECKER, "limits": {"total_wall_ms": 1}}}, "checker.limits.total_wall_ms", "belongs in the limits of the whole"),
        ({"checker": {**CHECKER, "files": [{"name": "main.c", "content": ""}]}}, "checker.files[0].name", "is the name of the source"),
        ({"checker": {**CHECKER, "files": [{"name": "answer", "content": ""}]}}, "checker.files[0].name", "that each case brings"),
        ({"checker": CHECKER, "compare": "trim"}, "compare", "is refused together with checker"),
        ({"checker": CHECKER, "test_cases": [{"input": "", "expected": "", "compare": "trim"}]}, "test_cases[0].compare",
         "is refused together with checker"),
        ({"checker": CHECKER, "test_cases": []}, "checker", "needs test_cases"),
    ])
    def test_what_breaks_a_rule_is_refused(self, judge, change, field, rule):
        request = {"code": "", "language": "python", "test_cases": [{"input": "", "expected": ""}], **change}
        refused = judge.refuse(request)
        assert refused[0] == field and rule in refused[1], refused
