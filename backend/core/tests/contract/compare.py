# SPDX-License-Identifier: Apache-2.0
"""Comparison modes: one submission per mode, one of its cases per test."""

import pytest

from contract.programs import ECHO

FLOAT_WIDE = {"mode": "float", "abs": 1e-3, "rel": 1e-12}
FLOAT_RELATIVE = {"mode": "float", "abs": 1e-12, "rel": 0.01}

# mode: [(what it shows, actual, expected, equal)]
TABLE = {
    "trim": ("trim", [
        ("the same", "49\n", "49\n", True),
        ("a trailing newline is ignored", "49\n", "49", True),
        ("a missing newline is ignored", "49", "49\n", True),
        ("several trailing newlines are ignored", "49\n\n\n", "49", True),
        ("trailing blanks of each line are ignored", "a \t\nb  \n", "a\nb", True),
        ("trailing carriage returns are white space", "a\r\nb\r\n", "a\nb\n", True),
        ("blank last lines are ignored", "a\n  \n \n", "a", True),
        ("nothing equals newlines", "\n\n", "", True),
        ("nothing equals nothing", "", "", True),
        ("leading blanks matter", " a", "a", False),
        ("inner blanks matter", "a  b", "a b", False),
        ("blank lines between matter", "a\n\nb", "a\nb", False),
        ("leading newlines matter", "\na", "a", False),
        ("order matters", "b\na", "a\nb", False),
        ("case matters", "A", "a", False),
        ("a prefix is not enough", "4", "49", False),
        ("something more is too much", "49\n1", "49", False),
        ("numbers are text", "1.0", "1", False),
        ("nul is a character", "a\0b\n", "a\0b", True),
        ("what follows nul matters", "a\0b", "a\0c", False),
    ]),
    "exact": ("exact", [
        ("the same", "a b\n", "a b\n", True),
        ("nothing equals nothing", "", "", True),
        ("a trailing newline matters", "49\n", "49", False),
        ("a trailing blank matters", "49 \n", "49\n", False),
        ("a carriage return matters", "a\r\n", "a\n", False),
        ("nul is a character", "a\0b", "a\0b", True),
    ]),
    "tokens": ("tokens", [
        ("white space of any kind separates", "1  2\n\n3\t4\r\n", "1 2 3 4", True),
        ("leading white space is ignored", "\n  1 2", "1 2", True),
        ("nothing equals white space", " \n", "", True),
        ("tokens are not joined", "12 3", "1 2 3", False),
        ("a token less is different", "1 2", "1 2 3", False),
        ("a token more is different", "1 2 3", "1 2", False),
        ("order matters", "2 1", "1 2", False),
        ("numbers are text", "1.0", "1", False),
    ]),
    "float": ("float", [
        ("the same value written differently", "1e3", "1000.0", True),
        ("within the default tolerance", "0.30000000000000004", "0.3", True),
        ("beyond the default tolerance", "0.3001", "0.3", False),
        ("several numbers", "1 2.0\n3", "1.0 2 3.0", True),
        ("a number less is different", "1 2", "1 2 3", False),
        ("words are compared as text", "yes 1.0", "yes 1", True),
        ("other words are different", "no 1.0", "yes 1", False),
        ("nan is not a number that equals 1", "nan", "1", False),
        ("infinity is not a number that equals 1", "inf", "1", False),
        ("minus matters", "-1", "1", False),
    ]),
    "float with abs": (FLOAT_WIDE, [
        ("within abs", "1.0009", "1", True),
        ("beyond abs", "1.0011", "1", False),
        ("beyond abs, large", "100000.1", "100000", False),
    ]),
    "float with rel": (FLOAT_RELATIVE, [
        ("within rel", "100900", "100000", True),
        ("beyond rel", "101100", "100000", False),
        ("beyond rel, near nothing", "0.001", "0", False),
    ]),
    "unordered": ("unordered", [
        ("lines in any order", "b\na\nc\n", "a\nb\nc", True),
        ("the same order", "a\nb", "a\nb", True),
        ("trailing white space is ignored", "b \na\n\n", "a\nb", True),
        ("how often a line comes matters", "a\na\nb", "a\nb\nb", False),
        ("a line less is different", "a", "a\nb", False),
        ("a line more is different", "a\nb\nc", "a\nb", False),
        ("lines are whole", "a b", "b a", False),
    ]),
}

ROWS = [pytest.param(name, number, id=f"{name}: {row[0]}")
        for name, (_, rows) in TABLE.items() for number, row in enumerate(rows)]


def results_of(judge, name):
    spec, rows = TABLE[name]
    cases = [{"input": actual, "expected": expected} for _, actual, expected, _ in rows]
    return judge(ECHO["c"], "c", compare=spec, test_cases=cases)["test_results"]


class TestCompareModes:
    @pytest.mark.parametrize("name, number", ROWS)
    def test_mode(self, judge, name, number):
        case = results_of(judge, name)[number]
        equal = TABLE[name][1][number][3]
        assert case["verdict"] == ("accepted" if equal else "wrong_answer")

    def test_trim_is_the_default(self, judge):
        cases = [{"input": "49 \n\n", "expected": "49"}, {"input": " 49", "expected": "49"}]
        passed = [case["passed"] for case in judge(ECHO["c"], "c", test_cases=cases)["test_results"]]
        assert passed == [True, False]

    @pytest.mark.parametrize("name", ["trim", "exact", "tokens", "float", "unordered"])
    def test_a_mode_may_be_an_object(self, judge, name):
        cases = [{"input": "49\n", "expected": "49\n"}, {"input": "48\n", "expected": "49\n"}]
        result = judge(ECHO["c"], "c", compare={"mode": name}, test_cases=cases)
        assert [case["passed"] for case in result["test_results"]] == [True, False]


class TestComparison:
    def test_comparison_works_on_the_raw_bytes(self, judge):
        # What is shown as U+FFFD is not U+FFFD.
        result = judge("import os; os.write(1, b'\\xff')", test_cases=[{"input": "", "expected": "\ufffd"}])
        assert result["test_results"][0]["actual"] == "\ufffd"
        assert result["verdict"] == "wrong_answer"

    def test_comparison_holds_with_base64_output(self, judge):
        result = judge(ECHO["python"], output_encoding="base64", test_cases=[{"input": "é", "expected": "é"}])
        assert result["verdict"] == "accepted"

    def test_a_right_answer_with_a_failing_exit_code_is_not_accepted(self, judge):
        result = judge("print(49); raise SystemExit(1)", test_cases=[{"input": "", "expected": "49"}])
        assert result["verdict"] == "runtime_error" and not result["test_results"][0]["passed"]

    def test_stderr_is_not_compared(self, judge):
        result = judge("import sys; print(49); print('x', file=sys.stderr)",
                       test_cases=[{"input": "", "expected": "49"}])
        assert result["verdict"] == "accepted"
